//! `users(filter:, orderBy:)`: filters, orders and cursors.

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

/// The time this many days after the start of the test.
fn day(days: i64) -> String {
    let time = DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::days(days);
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Creates an administrator on day 0; `Bob`, `bobby_1` and `Émile` on days 1, 2 and 3, with `bobby_1` disabled; `zoe`
/// on day 3, without a role; and `idle` on day 4, who never signed in. `Bob` signs in again on day 5.
async fn create_users(server: &Server) -> Actor {
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
    // A user that an operator creates has not signed in.
    let registration = Registration { username: "idle".to_owned(), email: None, password: PASSWORD.to_owned() };
    server.app.accounts().create_admin(registration).await.unwrap();
    clock.advance(TimeDelta::days(1));
    server.anonymous().login("bob").await;
    ada.login("ada").await
}

#[on_each_database]
async fn users_filter_matches_each_property() {
    each(async |server| {
        let ada = create_users(server).await;
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
async fn order_by_sorts_users_in_both_directions() {
    each(async |server| {
        let ada = create_users(server).await;
        for (field, expected) in [
            ("CREATED_AT", ["ada", "Bob", "bobby_1", "É/z", "É/z", "idle"]),
            ("USERNAME", ["ada", "Bob", "bobby_1", "idle", "zoe", "Émile"]),
            ("LAST_SIGN_IN_AT", ["idle", "bobby_1", "É/z", "É/z", "a/B", "a/B"]),
        ] {
            // Equal times are ordered by id, which the test can't predict.
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
async fn users_filter_treats_special_characters_as_text() {
    let large = |config: &mut fieldguard::config::Config| config.limits.documents.body_bytes = 3_000_000;
    each_with(large, async |server| {
        let ada = create_users(server).await;
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
            assert!(answer.json.get("data").is_none(), "the document did not run");
        }
        let surrogate = r#"{ "query": "query ($f: UserFilter) { users(filter: $f) { totalCount } }",
                             "variables": { "f": { "usernamePrefix": "\ud800" } } }"#;
        let answer = ada.request(|request| request.header("content-type", "application/json").body(surrogate)).await;
        assert_eq!(answer.codes(), ["BAD_REQUEST"]);
        let all = ask(&ada, json!({})).await.ok();
        assert_eq!(all.at("/data/users/totalCount"), 6);
    })
    .await;
}

#[on_each_database]
async fn users_filter_requires_permission_to_list_users() {
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
async fn filtered_pages_count_toward_complexity_by_their_size() {
    let server = Server::with(|config| config.limits.documents.complexity = 200).await;
    let ada = server.admin().await;
    let document = |size: u32| {
        let arguments = format!("filter: {{ state: ACTIVE }}, first: {size}, orderBy: {{ field: USERNAME }}");
        format!("{{ users({arguments}) {{ edges {{ node {{ id }} }} }} }}")
    };
    ada.gql(&document(49)).await.ok();
    assert_eq!(ada.gql(&document(50)).await.codes(), ["QUERY_TOO_COMPLEX"]);
}
