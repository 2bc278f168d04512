//! `BAD_USER_INPUT`: one error lists every invalid input value, each with a reason code that clients can translate.

use std::collections::BTreeSet;

use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{each, each_with},
};

const ERRORS_PAGE: &str = include_str!("../../docs/src/reference/errors.md");

/// The field and reason of each problem of the only error.
#[track_caller]
fn problems(answer: &Answer) -> Vec<(&str, &str)> {
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{answer:#?}");
    let extensions = answer.at("/errors/0/extensions");
    let problems = extensions["problems"].as_array().unwrap();
    assert_eq!((&extensions["field"], &extensions["reason"]), (&problems[0]["field"], &problems[0]["reason"]));
    let message = answer.at("/errors/0/message").as_str().unwrap();
    assert!(problems.iter().all(|problem| message.contains(problem["message"].as_str().unwrap())), "{answer:#?}");
    problems.iter().map(|problem| (problem["field"].as_str().unwrap(), problem["reason"].as_str().unwrap())).collect()
}

async fn mutate(actor: &Actor, name: &str, input: Value) -> Answer {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let document = format!("mutation ($input: {ty}!) {{ {name}(input: $input) {{ __typename }} }}");
    actor.gql_with(&document, json!({ "input": input })).await
}

#[on_each_database]
async fn register_reports_every_invalid_field_at_once() {
    each(async |server| {
        for (username, email, password, expected) in [
            ("a", "b", "c", &[("username", "TOO_SHORT"), ("email", "INVALID_EMAIL"), ("password", "TOO_SHORT")][..]),
            (
                "a b c",
                "b",
                "password1234",
                &[("username", "INVALID_CHARACTER"), ("email", "INVALID_EMAIL"), ("password", "TOO_COMMON")],
            ),
            ("root", "b@example.org", "abcdefghijkl", &[("username", "RESERVED"), ("password", "TOO_PREDICTABLE")]),
            ("lovelace", "b", "Lovelace1815", &[("email", "INVALID_EMAIL"), ("password", "CONTAINS_USERNAME")]),
            ("pаypal", "b@example.org", PASSWORD, &[("username", "MIXED_SCRIPTS")]),
            ("-bob", "b@example.org", PASSWORD, &[("username", "INVALID_FORMAT")]),
            (
                &"b".repeat(41),
                &format!("{}@example.org", "b".repeat(255)),
                &"c".repeat(129),
                &[("username", "TOO_LONG"), ("email", "TOO_LONG"), ("password", "TOO_LONG")],
            ),
        ] {
            let input = json!({ "username": username, "email": email, "password": password });
            let answer = mutate(&server.anonymous(), "register", input).await;
            assert_eq!(problems(&answer), expected, "{username}");
            assert_eq!(answer.at("/data"), &json!({ "register": null }));
            assert!(password.len() < 3 || !answer.text.contains(password), "{}", answer.text);
        }
    })
    .await;
}

#[on_each_database]
async fn invalid_registrations_rate_limit_the_password_check() {
    let two_registrations_per_hour = |config: &mut Config| {
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.limits.registrations_per_hour = 2;
    };
    each_with(two_registrations_per_hour, async |server| {
        let form = async |username: &str| {
            let document = "mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }";
            let input = json!({ "username": username, "password": "passwordpassword" });
            let body = json!({ "query": document, "variables": { "input": input } });
            server.anonymous().request(|request| request.header("x-forwarded-for", "198.51.100.1").json(&body)).await
        };
        // Ten password checks count as one registration. One more is allowed while another registration is available.
        for attempt in 0..=10 {
            let both = [("username", "TOO_SHORT"), ("password", "TOO_PREDICTABLE")];
            assert_eq!(problems(&form("a").await), both, "{attempt}");
        }
        assert_eq!(problems(&form("a").await), [("username", "TOO_SHORT")], "cheap problems are still reported");
        assert_eq!(form("alice").await.codes(), ["RATE_LIMITED"]);
        assert_eq!(server.app.accounts().metrics().hashes, 0);
    })
    .await;
}

#[on_each_database]
async fn account_mutations_report_every_invalid_field_at_once() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let both = [("username", "TOO_SHORT"), ("email", "INVALID_EMAIL")];
        let input = json!({ "username": "a", "email": "b" });
        assert_eq!(problems(&mutate(&bob, "updateProfile", input.clone()).await), both);
        assert_eq!(problems(&mutate(&ada, "createUser", input).await), both);
        let input = json!({ "userId": bob.id, "username": "a", "email": "b" });
        assert_eq!(problems(&mutate(&ada, "updateUser", input).await), both);
        let input = json!({ "username": "Root", "email": "b" });
        let expected = [("username", "RESERVED"), ("email", "INVALID_EMAIL")];
        assert_eq!(problems(&mutate(&bob, "updateProfile", input).await), expected);
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "short" });
        assert_eq!(problems(&mutate(&bob, "updatePassword", input).await), [("newPassword", "TOO_SHORT")]);
        let input = json!({ "code": "x", "newPassword": "password1234" });
        let answer = mutate(&server.anonymous(), "resetPassword", input).await;
        assert!(matches!(answer.codes()[..], ["BAD_USER_INPUT" | "INVALID_CREDENTIALS"]));
        let rows = json!({ "users": [
            { "username": "x", "email": "y", "passwordHash": "z" },
            { "username": "fine", "passwordHash": "z", "createdAt": "1969-12-31T23:59:59Z" },
        ] });
        let expected = [
            ("users.0.username", "TOO_SHORT"),
            ("users.0.email", "INVALID_EMAIL"),
            ("users.0.passwordHash", "UNSUPPORTED_HASH"),
            ("users.1.passwordHash", "UNSUPPORTED_HASH"),
            ("users.1.createdAt", "OUT_OF_RANGE"),
        ];
        assert_eq!(problems(&mutate(&ada, "importUsers", rows).await), expected);
    })
    .await;
}

#[on_each_database]
async fn role_and_token_mutations_report_every_invalid_field_at_once() {
    each(async |server| {
        let ada = server.admin().await;
        let expected = [
            ("name", "INVALID_FORMAT"),
            ("description", "INVALID_CHARACTER"),
            ("permissions", "UNKNOWN"),
            ("includes", "UNKNOWN"),
        ];
        let input = json!({ "name": "A b", "description": "a\nb", "permissions": ["x"], "includes": ["ghost"] });
        assert_eq!(problems(&mutate(&ada, "createRole", input.clone()).await), expected);
        ada.gql(
            "mutation { createRole(input: { name: \"desk\", description: \"\", permissions: [] }) { role { id } } }",
        )
        .await
        .ok();
        let mut change = input;
        change["role"] = json!("desk");
        assert_eq!(problems(&mutate(&ada, "updateRole", change).await), expected);
        let input = json!({ "name": " ", "permissions": ["x"], "expiresAt": "2020-01-01T00:00:00Z" });
        let expected = [("name", "TOO_SHORT"), ("expiresAt", "OUT_OF_RANGE"), ("permissions", "UNKNOWN")];
        assert_eq!(problems(&mutate(&ada, "createPersonalAccessToken", input).await), expected);
    })
    .await;
}

#[on_each_database]
async fn other_invalid_values_have_a_reason() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for (document, expected) in [
            ("{ users(first: 101) { totalCount } }", ("first", "OUT_OF_RANGE")),
            ("{ users(first: 1, last: 1) { totalCount } }", ("last", "CONFLICTING")),
            ("{ users(after: \"x\") { totalCount } }", ("after", "INVALID_CURSOR")),
            ("{ users(filter: { search: \"ab\" }) { totalCount } }", ("filter.search", "TOO_SHORT")),
        ] {
            assert_eq!(problems(&ada.gql(document).await), [expected], "{document}");
        }
        let answer = mutate(&server.anonymous(), "register", json!({ "username": 1 })).await;
        assert_eq!(problems(&answer), [("input", "INVALID_TYPE")]);
        let roles = json!({ "userId": bob.id, "roles": ["ghost"] });
        assert_eq!(problems(&mutate(&ada, "setUserRoles", roles).await), [("roles", "UNKNOWN")]);
        let taken = mutate(&server.anonymous(), "register", json!({ "username": "BOB", "password": PASSWORD })).await;
        assert_eq!(taken.codes(), ["CONFLICT"]);
        assert_eq!(taken.at("/errors/0/extensions/reason"), "TAKEN");
    })
    .await;
}

#[on_each_database]
async fn server_info_and_errors_page_list_every_code_and_reason() {
    each(async |server| {
        let document = "{ serverInfo { errorCodes inputErrorReasons }
            codes: __type(name: \"ErrorCode\") { enumValues { name } }
            reasons: __type(name: \"InputErrorReason\") { enumValues { name } } }";
        let answer = server.anonymous().gql(document).await.ok();
        for (field, ty) in [("errorCodes", "codes"), ("inputErrorReasons", "reasons")] {
            let listed = answer.at(&format!("/data/serverInfo/{field}")).as_array().unwrap();
            let listed: BTreeSet<_> = listed.iter().map(|name| name.as_str().unwrap()).collect();
            let values = answer.at(&format!("/data/{ty}/enumValues")).as_array().unwrap();
            let values: BTreeSet<_> = values.iter().map(|value| value["name"].as_str().unwrap()).collect();
            assert_eq!(listed, values);
            for name in listed {
                assert!(
                    ERRORS_PAGE.contains(&format!("\n| `{name}` | ")),
                    "the page of error codes has no line for `{name}`"
                );
            }
        }
    })
    .await;
}
