//! `auditEvents`: filters, pages and order.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::audit_events;
use crate::{actor::Actor, app::each};

fn numbers(rows: &[Value]) -> Vec<u64> {
    rows.iter().map(|row| row["sequence"].as_str().unwrap().parse().unwrap()).collect()
}

#[on_each_database]
async fn audit_events_are_filtered_by_actor_action_target_and_time() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(1));
        ada.gql(&format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id))
            .await
            .ok();
        let all = audit_events(&ada, "").await;
        assert!(numbers(&all).is_sorted_by(|one, next| *one == next + 1), "newest first, without gaps: {all:?}");
        // Reading audit events of a user creates events itself.
        let is_no_read = |row: &&Value| row["action"] != "PERSONAL_DATA_READ";
        let count = async |filter: String| audit_events(&ada, &filter).await.iter().filter(is_no_read).count();
        assert_eq!(count(format!("actorId: \"{}\"", bob.id)).await, 2, "a registration and a sign-in");
        assert_eq!(count(format!("targetId: \"{}\"", bob.id)).await, 3);
        assert_eq!(count(format!("targetId: \"{}\", actorId: \"{}\"", bob.id, ada.id)).await, 1);
        assert_eq!(count("occurredAt: { from: \"2027-01-15T08:01:00Z\" }".to_owned()).await, 1);
        assert_eq!(count("occurredAt: { until: \"2027-01-15T08:01:00Z\" }".to_owned()).await, all.len() - 1);
        assert_eq!(count("action: USER_DISABLED, occurredAt: { until: \"2027-01-15T08:01:00Z\" }".to_owned()).await, 0);
        for filter in ["actorId: \"x' OR 1=1 --\"", "targetId: \"\"", "requestId: \"none\""] {
            assert_eq!(count(filter.to_owned()).await, 0, "{filter}");
        }
    })
    .await;
}

#[on_each_database]
async fn paging_returns_every_event() {
    each(async |server| {
        let ada = server.admin().await;
        for n in 0..7 {
            server.user(&format!("user{n}")).await;
        }
        let all = numbers(&audit_events(&ada, "action: SIGN_IN").await);
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let document = "query ($after: String) { auditEvents(first: 3, after: $after, filter: { action: SIGN_IN }) \
                            { edges { node { sequence } } pageInfo { hasNextPage endCursor } } }";
            let page = ada.gql_with(document, json!({ "after": after })).await.ok();
            let edges = page.at("/data/auditEvents/edges").as_array().unwrap().clone();
            seen.extend(numbers(&edges.iter().map(|edge| edge["node"].clone()).collect::<Vec<_>>()));
            if page.at("/data/auditEvents/pageInfo/hasNextPage") == &json!(false) {
                break;
            }
            after = page.at("/data/auditEvents/pageInfo/endCursor").clone();
        }
        assert_eq!(seen, all);
        let last = ada.gql("{ auditEvents(last: 2) { edges { node { sequence } } } }").await.ok();
        let edges = last.at("/data/auditEvents/edges").as_array().unwrap();
        assert_eq!(edges.last().unwrap()["node"]["sequence"], json!("1"), "the oldest event is last");
        let foreign = ada.gql("{ users(first: 1) { pageInfo { endCursor } } }").await.ok();
        let cursor = foreign.at("/data/users/pageInfo/endCursor").as_str().unwrap().to_owned();
        let answer = ada.gql(&format!("{{ auditEvents(after: \"{cursor}\") {{ edges {{ cursor }} }} }}")).await;
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
    })
    .await;
}

#[on_each_database]
async fn filter_with_a_nul_character_matches_nothing() {
    each(async |server| {
        let ada = server.admin().await;
        for field in ["actorId", "targetId", "requestId"] {
            assert_eq!(audit_events(&ada, &format!("{field}: \"a\\u0000b\"")).await, [] as [Value; 0], "{field}");
        }
    })
    .await;
}

/// The sequence numbers of all sign-ins of this user in the time range, read page by page from either end.
async fn paged(reader: &Actor, person: &Actor, range: &str, backward: bool) -> Vec<u64> {
    let (mut seen, mut place) = (Vec::new(), Value::Null);
    loop {
        let part = if backward { "last: 2, before: $place" } else { "first: 2, after: $place" };
        let document = format!(
            "query ($place: String) {{ auditEvents({part}, filter: {{ action: SIGN_IN, \
             actorId: \"{}\", {range} }}) {{ edges {{ node {{ sequence }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
            person.id
        );
        let page = reader.gql_with(&document, json!({ "place": place })).await.ok();
        let edges: Vec<_> =
            page.at("/data/auditEvents/edges").as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
        let info = page.at("/data/auditEvents/pageInfo");
        if backward {
            seen.splice(..0, numbers(&edges));
        } else {
            seen.extend(numbers(&edges));
        }
        let (goes_on, next) = if backward { ("hasPreviousPage", "startCursor") } else { ("hasNextPage", "endCursor") };
        if info[goes_on] == json!(false) {
            return seen;
        }
        place = info[next].clone();
    }
}

#[on_each_database]
async fn time_range_is_complete_if_the_clock_was_set_back() {
    each(async |server| {
        server.admin().await;
        let start = server.app.accounts().clock.now();
        let bob = server.user("bob").await;
        let (mut minute, mut minutes) = (0, vec![0]);
        for by in [1, 1, 1, 20, -15, 1, 1, -3, 1, 30] {
            server.app.accounts().clock.advance(chrono::TimeDelta::minutes(by));
            minute += by;
            minutes.push(minute);
            server.anonymous().login("bob").await;
        }
        let ada = server.anonymous().login("ada").await;
        let all = paged(&ada, &bob, "", false).await;
        assert_eq!(all.len(), minutes.len());
        let at = |minute: i64| {
            (start + chrono::TimeDelta::minutes(minute)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
        };
        for since in [None, Some(-5), Some(3), Some(8), Some(10), Some(23), Some(90)] {
            for until in [None, Some(-5), Some(4), Some(8), Some(11), Some(23), Some(90)] {
                let bound =
                    |name: &str, minute: Option<i64>| minute.map(|minute| format!("{name}: \"{}\"", at(minute)));
                let range: Vec<_> = [bound("from", since), bound("until", until)].into_iter().flatten().collect();
                let range = format!("occurredAt: {{ {} }}", range.join(", "));
                let is_within = |minute: &i64| {
                    since.is_none_or(|bound| *minute >= bound) && until.is_none_or(|bound| *minute < bound)
                };
                // Newest first.
                let expected: Vec<_> = all
                    .iter()
                    .zip(minutes.iter().rev())
                    .filter(|(_, minute)| is_within(minute))
                    .map(|(number, _)| *number)
                    .collect();
                for backward in [false, true] {
                    assert_eq!(paged(&ada, &bob, &range, backward).await, expected, "{range}");
                }
            }
        }
    })
    .await;
}
