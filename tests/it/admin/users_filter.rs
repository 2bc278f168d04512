//! `users(filter:, orderBy:)`: who is found by what, in which order, and what a cursor is good for.

mod cursors;
mod search;

use chrono::{DateTime, SecondsFormat, TimeDelta};
use fieldguard::accounts::register::Registration;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{disable, set_roles};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{START, Server, each, each_with},
};

const USERS: &str =
    "query ($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String, $last: Int, $before: String) {
    users(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { username } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

async fn ask(actor: &Actor, arguments: Value) -> Answer {
    actor.gql_with(USERS, arguments).await
}

fn names(answer: &Answer) -> Vec<&str> {
    let edges = answer.at("/data/users/edges").as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["username"].as_str().unwrap()).collect()
}

/// So many days after the beginning of the test.
fn day(days: i64) -> String {
    let time = DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::days(days);
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An administrator of day 0; `Bob`, `bobby_1` and `Émile` of days 1, 2 and 3, of whom `bobby_1` is disabled; `zoe` of day 3,
/// who holds no role; and `idle`, of day 4, who never signed in. `Bob` signed in again on day 5.
async fn people(server: &Server) -> Actor {
    let clock = &server.app.accounts().clock;
    let ada = server.admin().await;
    let mut made = Vec::new();
    for (days, name, email) in [
        (1, "Bob", Some("Bob.Lee@example.org")),
        (1, "bobby_1", Some("bobby@example.org")),
        (1, "Émile", None),
        (0, "zoe", Some("zoe@bücher.example")),
    ] {
        clock.advance(TimeDelta::days(days));
        let document = "mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }";
        let input = json!({ "input": { "username": name, "email": email, "password": PASSWORD } });
        let answer = server.anonymous().gql_with(document, input).await.ok();
        made.push(answer.at("/data/register/user/id").as_str().unwrap().to_owned());
    }
    let ada = ada.login("ada").await;
    disable(&ada, &made[1]).await.ok();
    set_roles(&ada, &made[3], &[]).await.ok();
    clock.advance(TimeDelta::days(1));
    // Somebody who was made on the command line has not signed in.
    let registration = Registration { username: "idle".to_owned(), email: None, password: PASSWORD.to_owned() };
    server.app.accounts().create_admin(registration).await.unwrap();
    clock.advance(TimeDelta::days(1));
    server.anonymous().login("bob").await;
    ada.login("ada").await
}

#[on_each_database]
async fn finds_accounts_by_each_of_their_properties() {
    each(async |server| {
        let ada = people(server).await;
        for (filter, expected) in [
            (json!(null), &["ada", "Bob", "bobby_1", "Émile", "zoe", "idle"][..]),
            (json!({}), &["ada", "Bob", "bobby_1", "Émile", "zoe", "idle"]),
            (json!({ "usernamePrefix": "BOB" }), &["Bob", "bobby_1"]),
            (json!({ "usernamePrefix": "ｂｏｂｂ" }), &["bobby_1"]),
            (json!({ "usernamePrefix": "e\u{301}MI" }), &["Émile"]),
            (json!({ "usernamePrefix": "ob" }), &[]),
            (json!({ "usernamePrefix": "" }), &["ada", "Bob", "bobby_1", "Émile", "zoe", "idle"]),
            (json!({ "usernamePrefix": "bobby_1 " }), &["bobby_1"]),
            (json!({ "email": "bob.lee@EXAMPLE.org" }), &["Bob"]),
            (json!({ "email": "zoe@xn--bcher-kva.example" }), &["zoe"]),
            (json!({ "email": "bob" }), &[]),
            (json!({ "email": "" }), &[]),
            (json!({ "role": "admin" }), &["ada", "idle"]),
            (json!({ "role": "user" }), &["ada", "Bob", "bobby_1", "Émile", "idle"]),
            (json!({ "role": "ghost" }), &[]),
            (json!({ "role": "" }), &[]),
            (json!({ "state": "DISABLED" }), &["bobby_1"]),
            (json!({ "state": "ACTIVE" }), &["ada", "Bob", "Émile", "zoe", "idle"]),
            (json!({ "createdAt": { "from": day(1), "until": day(3) } }), &["Bob", "bobby_1"]),
            (json!({ "createdAt": { "from": day(3) } }), &["Émile", "zoe", "idle"]),
            (json!({ "createdAt": { "from": day(3), "until": day(3) } }), &[]),
            (
                json!({ "createdAt": { "from": "0000-01-01T00:00:00Z", "until": "9999-12-31T23:59:60Z" } }),
                &["ada", "Bob", "bobby_1", "Émile", "zoe", "idle"],
            ),
            (json!({ "lastSignInAt": { "from": day(3), "until": day(5) } }), &["Émile", "zoe"]),
            (json!({ "neverSignedIn": true }), &["idle"]),
            (json!({ "neverSignedIn": false }), &["ada", "Bob", "bobby_1", "Émile", "zoe"]),
            (json!({ "lastSignInAt": { "until": day(3) }, "neverSignedIn": true }), &["bobby_1", "idle"]),
            (json!({ "lastSignInAt": { "from": day(4) }, "neverSignedIn": true }), &["ada", "Bob", "idle"]),
            (json!({ "usernamePrefix": "b", "state": "DISABLED", "role": "user" }), &["bobby_1"]),
            (json!({ "usernamePrefix": "a", "state": "DISABLED" }), &[]),
        ] {
            let mut expected = expected.to_vec();
            let answer = ask(&ada, json!({ "filter": filter })).await.ok();
            let mut found = names(&answer);
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{filter}");
            assert_eq!(answer.at("/data/users/totalCount"), expected.len(), "{filter}");
        }
    })
    .await;
}

#[on_each_database]
async fn comes_in_the_order_asked_for() {
    each(async |server| {
        let ada = people(server).await;
        for (field, expected) in [
            ("CREATED_AT", ["ada", "Bob", "bobby_1", "É/z", "É/z", "idle"]),
            ("USERNAME", ["ada", "Bob", "bobby_1", "idle", "zoe", "Émile"]),
            ("LAST_SIGN_IN_AT", ["idle", "bobby_1", "É/z", "É/z", "a/B", "a/B"]),
        ] {
            // Those with the same time follow each other by identifiers that nobody knows before.
            let read = |answer: &Answer| -> Vec<String> {
                let tied = |name: &str| match (name, field) {
                    ("Émile" | "zoe", "CREATED_AT" | "LAST_SIGN_IN_AT") => "É/z".to_owned(),
                    ("ada" | "Bob", "LAST_SIGN_IN_AT") => "a/B".to_owned(),
                    _ => name.to_owned(),
                };
                names(answer).into_iter().map(tied).collect()
            };
            let up = ask(&ada, json!({ "orderBy": { "field": field } })).await.ok();
            assert_eq!(read(&up), expected, "{field}");
            let down = ask(&ada, json!({ "orderBy": { "field": field, "direction": "DESC" } })).await.ok();
            let reversed: Vec<_> = names(&up).into_iter().rev().collect();
            assert_eq!(names(&down), reversed, "{field}");
            let last = ask(&ada, json!({ "orderBy": { "field": field }, "last": 2 })).await.ok();
            assert_eq!(names(&last), names(&up)[4..], "{field}");
        }
        let filtered =
            json!({ "filter": { "usernamePrefix": "b" }, "orderBy": { "field": "USERNAME", "direction": "DESC" } });
        assert_eq!(names(&ask(&ada, filtered).await.ok()), ["bobby_1", "Bob"]);
    })
    .await;
}

#[on_each_database]
async fn takes_hostile_text_for_text() {
    let large = |config: &mut fieldguard::config::Config| config.limits.documents.body_bytes = 3_000_000;
    each_with(large, async |server| {
        let ada = people(server).await;
        for text in [
            "%",
            "_",
            "b%",
            "b_b",
            "\\",
            "\\b",
            "'",
            "''; DROP TABLE accounts; --",
            "\"",
            "\0",
            "b\0",
            "[b]",
            "b*",
            "?",
            "$1",
            "\u{10ffff}",
            "\u{d7ff}",
            "\u{202e}bob",
            "b\u{301}\u{301}",
            &"b".repeat(1_000_000),
            &"\u{fdfa}".repeat(85),
        ] {
            for field in ["usernamePrefix", "email", "role"] {
                let answer = ask(&ada, json!({ "filter": { field: text } })).await.ok();
                assert_eq!(names(&answer), Vec::<&str>::new(), "{field}: {text:.20}");
                assert_eq!(answer.at("/data/users/totalCount"), 0, "{field}: {text:.20}");
                let cursor = json!({ "filter": { field: text }, "after": "x", "orderBy": { "field": "USERNAME" } });
                assert_eq!(ask(&ada, cursor).await.codes(), ["BAD_USER_INPUT"], "{field}: {text:.20}");
            }
        }
        for (filter, field) in [
            (json!({ "usernamePrefix": 1 }), "filter"),
            (json!({ "state": "GONE" }), "filter"),
            (json!({ "nothing": "x" }), "filter"),
            (json!([]), "filter"),
        ] {
            let answer = ask(&ada, json!({ "filter": filter })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{filter}");
            assert_eq!(answer.at("/errors/0/extensions/field"), field, "{filter}");
        }
        for time in ["yesterday", "", "2026-13-01T00:00:00Z", "2026-01-01", "+999999-01-01T00:00:00Z"] {
            let answer = ask(&ada, json!({ "filter": { "createdAt": { "from": time } } })).await;
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{time}");
            assert_eq!(answer.at("/errors/0/extensions/field"), "filter", "{time}");
            let arguments = format!("(filter: {{ createdAt: {{ from: {} }} }})", json!(time));
            let answer = ada.gql(&format!("{{ me {{ id }} users{arguments} {{ totalCount }} }}")).await;
            assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"], "{time}");
            assert!(answer.json.get("data").is_none(), "nothing has run");
        }
        let surrogate = r#"{ "query": "query ($f: UserFilter) { users(filter: $f) { totalCount } }",
                             "variables": { "f": { "usernamePrefix": "\ud800" } } }"#;
        let answer = ada.request(|it| it.header("content-type", "application/json").body(surrogate)).await;
        assert_eq!(answer.codes(), ["BAD_REQUEST"]);
        let all = ask(&ada, json!({})).await.ok();
        assert_eq!(all.at("/data/users/totalCount"), 6);
    })
    .await;
}

#[on_each_database]
async fn is_refused_with_the_list_to_those_who_may_not_read_it() {
    each(async |server| {
        let bob = server.user("bob").await;
        for arguments in [
            json!({ "filter": { "email": "bob@example.org" } }),
            json!({ "filter": { "usernamePrefix": "b" }, "after": "nonsense" }),
            json!({ "orderBy": { "field": "LAST_SIGN_IN_AT" } }),
        ] {
            let answer = ask(&bob, arguments.clone()).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{arguments}");
            assert_eq!(answer.at("/errors/0/extensions/coordinate"), "Query.users", "{arguments}");
            assert_eq!(ask(&server.anonymous(), arguments).await.codes(), ["UNAUTHENTICATED"]);
        }
    })
    .await;
}

#[tokio::test]
async fn leaves_the_size_of_pages_counted() {
    let server = Server::with(|config| config.limits.documents.complexity = 200).await;
    let ada = server.admin().await;
    let document = |size: u32| {
        let arguments = format!("filter: {{ state: ACTIVE }}, first: {size}, orderBy: {{ field: USERNAME }}");
        format!("{{ users({arguments}) {{ edges {{ node {{ id }} }} }} }}")
    };
    ada.gql(&document(49)).await.ok();
    assert_eq!(ada.gql(&document(50)).await.codes(), ["QUERY_TOO_COMPLEX"]);
}
