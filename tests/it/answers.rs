//! The contents of answers: every error has a documented code, and no answer exposes internals.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use fieldguard::guarded;
use fieldguard_test_macros::on_each_database;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each},
};

/// Every documented error code.
const CODES: [&str; 15] = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "INVALID_CREDENTIALS",
    "INVALID_REFRESH_TOKEN",
    "BAD_USER_INPUT",
    "CONFLICT",
    "NOT_FOUND",
    "RATE_LIMITED",
    "SERVICE_UNAVAILABLE",
    "QUERY_TOO_COMPLEX",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "BAD_REQUEST",
    "INTERNAL_SERVER_ERROR",
];
/// Texts that no answer may contain.
const INTERNALS: [&str; 18] = [
    "$argon2",
    "argon2",
    "SELECT",
    "INSERT",
    "UPDATE ",
    "DELETE ",
    "WHERE",
    "UNIQUE",
    "constraint",
    "sea_orm",
    "sqlx",
    "SqlxError",
    "DbErr",
    "src/",
    ".rs",
    "/data",
    "panicked",
    "postgres://",
];

#[track_caller]
fn assert_closed(answer: &Answer, what: &str) {
    let text = answer.text.replace(what, "");
    for internal in INTERNALS {
        assert!(!text.contains(internal), "{internal} in the answer to {what:.200}: {:.2000}", answer.text);
    }
    let errors = answer.at("/errors").as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(errors.len() <= 20, "{what:.200}");
    for error in errors {
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
        let code = error["extensions"]["code"].as_str().unwrap_or("none");
        assert!(CODES.contains(&code), "{what:.200}: {error}");
        assert_ne!(code, "INTERNAL_SERVER_ERROR", "{what:.200}: {error}");
    }
    assert!(answer.status.is_success() || !errors.is_empty(), "{what:.200}: {answer:?}");
}

fn hostile() -> Vec<Value> {
    let mut values: Vec<Value> = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "'",
        "''; DROP TABLE accounts; --",
        "\" OR \"\"=\"",
        "\\",
        "%",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "../../etc/passwd",
        "\u{202e}abc",
        "\u{feff}abc",
        "\u{1f468}\u{200d}\u{1f469}",
        "e\u{301}\u{301}\u{301}",
        "ﷺﷺﷺﷺ",
        "\u{ffff}",
        "\r\nSet-Cookie: a=b",
        "<script>",
        "#__graphql_file__:0",
    ]
    .map(Value::from)
    .into();
    values.push("x".repeat(20_000).into());
    values.push("\u{fdfa}".repeat(9_000).into());
    values.extend([
        json!(0),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!(1.5),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!({ "": "" }),
        json!({ "username": { "username": {} } }),
    ]);
    values
}

#[on_each_database]
async fn answers_to_hostile_input_expose_no_internals() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        for value in hostile() {
            let what = value.to_string();
            let inputs = [
                (
                    "mutation ($v: RegisterInput!) { register(input: $v) { accessToken } }",
                    vec!["username", "email", "password"],
                ),
                ("mutation ($v: LoginInput!) { login(input: $v) { accessToken } }", vec!["username", "password"]),
                (
                    "mutation ($v: UpdateProfileInput!) { updateProfile(input: $v) { user { id } } }",
                    vec!["username", "email"],
                ),
                (
                    "mutation ($v: UpdatePasswordInput!) { updatePassword(input: $v) { user { id } } }",
                    vec!["currentPassword", "newPassword"],
                ),
                (
                    "mutation ($v: SetUserRolesInput!) { setUserRoles(input: $v) { user { id } } }",
                    vec!["userId", "roles"],
                ),
            ];
            for (document, fields) in inputs {
                let entries = fields.iter().map(|field| ((*field).to_owned(), value.clone()));
                let input: Value = entries.collect::<serde_json::Map<_, _>>().into();
                for actor in [&ada, &server.anonymous()] {
                    for given in [&input, &value] {
                        let answer = actor.gql_with(document, json!({ "v": given })).await;
                        assert_closed(&answer, what.trim_matches('"'));
                    }
                }
            }
            for document in [
                "query ($v: ID!) { user(id: $v) { id } node(id: $v) { id } }",
                "query ($v: String) { users(after: $v) { edges { cursor } } }",
                "query ($v: Int) { users(first: $v) { edges { cursor } } }",
                "mutation ($v: ID!) { disableUser(input: { userId: $v }) { user { id } } enableUser(input: { userId: $v }) { user { id } } }",
                "mutation ($v: String!) { deleteAccount(input: { password: $v }) { userId } }",
            ] {
                let answer = ada.gql_with(document, json!({ "v": value })).await;
                assert_closed(&answer, what.trim_matches('"'));
            }
            for body in
                [json!({ "query": value }), json!({ "query": "{ me { id } }", "operationName": value }), value.clone()]
            {
                assert_closed(&bob.send(&body).await, what.trim_matches('"'));
            }
        }
        ada.gql("{ admin { message } }").await.ok();
    })
    .await;
}

/// Requests that do not run, with the code of their error.
fn refused() -> Vec<(Value, &'static str)> {
    let login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    vec![
        (json!({ "query": "" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "mutation { login(input: {password: \"hunter2\" }" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ nothing }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "{ access(coordinates: [1]) { version } }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "query A { me { id } } query B { me { id } }" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": "{ me { id } }", "operationName": "A" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": format!("{{{}}}", "a ".repeat(9_000)) }), "QUERY_TOO_COMPLEX"),
        (json!({ "query": login }), "BAD_USER_INPUT"),
        (json!({ "query": login, "variables": { "input": null } }), "BAD_USER_INPUT"),
        (
            json!({ "query": login, "variables": { "input": { "username": 1, "password": "hunter2" } } }),
            "BAD_USER_INPUT",
        ),
        (json!({ "query": login, "variables": { "input": { "password": "hunter2" } } }), "BAD_USER_INPUT"),
        (
            json!({ "query": login, "variables": { "input": { "username": "a", "password": "hunter2", "role": "admin" } } }),
            "BAD_USER_INPUT",
        ),
    ]
}

#[on_each_database]
async fn requests_that_do_not_run_have_no_data_and_the_status_of_the_accepted_media_type() {
    each(async |server| {
        for (body, code) in refused() {
            for (accept, status) in
                [("application/graphql-response+json", 400), ("application/json", 200), ("*/*", 200)]
            {
                let answer = server.anonymous().request(|request| request.header(ACCEPT, accept).json(&body)).await;
                assert_eq!((answer.status.as_u16(), answer.codes()), (status, vec![code]), "{accept} {body}");
                assert!(answer.json.get("data").is_none(), "{body}");
                assert!(!answer.text.contains("hunter2"), "{}", answer.text);
                assert!(code != "BAD_USER_INPUT" || answer.at("/errors/0/extensions/field") == "input", "{body}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn default_of_a_variable_applies_in_directives() {
    let server = Server::start().await;
    for (default, expected) in [("true", json!({})), ("false", json!({ "serverInfo": { "registrationOpen": true } }))] {
        let document =
            format!("query ($x: Boolean! = {default}) {{ serverInfo @skip(if: $x) {{ registrationOpen }} }}");
        let answer = server.anonymous().gql(&document).await.ok();
        assert_eq!(answer.at("/data"), &expected, "{document}");
        let given = server.anonymous().gql_with(&document, json!({ "x": false })).await.ok();
        assert_eq!(given.at("/data/serverInfo/registrationOpen"), true, "a given value overrides the default");
    }
}

/// Asserts an error with a fixed message and the request id that the log has.
#[track_caller]
fn assert_fixed(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.codes()), (status, vec![code]), "{answer:#?}");
    let id = answer.headers["x-request-id"].to_str().unwrap();
    assert_eq!(answer.at("/errors/0/extensions/requestId"), id);
    for internal in INTERNALS {
        assert!(!answer.text.contains(internal) || internal == "/data", "{}", answer.text);
    }
}

#[on_each_database]
async fn closed_database_is_answered_with_a_fixed_message_and_the_request_id() {
    each(async |server| {
        let bob = server.user("bob").await;
        server.app.accounts().store.close().await;
        let login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
        let input = json!({ "input": { "username": "bob", "password": PASSWORD } });
        let answer = server.anonymous().gql_with(login, input).await;
        assert_fixed(&answer, 200, "SERVICE_UNAVAILABLE");
        assert_eq!(answer.at("/data"), &json!({ "login": null }));
        assert_fixed(&bob.gql("{ me { id } }").await, 503, "SERVICE_UNAVAILABLE");
        let named = bob
            .request(|request| request.header("x-request-id", "proxy-7").json(&json!({ "query": "{ me { id } }" })))
            .await;
        assert_eq!(named.at("/errors/0/extensions/requestId"), "proxy-7");
        let ready = Actor::new(server.url("/readyz"), None).request(|request| request).await;
        assert_eq!(ready.status, 405);
        server.anonymous().gql("{ serverInfo { version } }").await.ok();
    })
    .await;
}

struct Faulty;

#[guarded(public)]
#[Object]
impl Faulty {
    async fn panics(&self) -> Option<i32> {
        let found = Vec::<i32>::new().pop();
        Some(found.expect("a secret of the inside"))
    }

    async fn works(&self) -> Option<i32> {
        Some(1)
    }
}

#[tokio::test]
async fn panic_is_answered_with_500_and_the_server_keeps_running() {
    let server = Server::start().await;
    let router = server.app.router(Schema::build(Faulty, EmptyMutation, EmptySubscription)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let anonymous = Actor::new(url, None);
    for _ in 0..3 {
        let answer = anonymous.gql("{ works panics }").await;
        assert_fixed(&answer, 500, "INTERNAL_SERVER_ERROR");
        assert!(answer.json.get("data").is_none() && !answer.text.contains("secret"), "{}", answer.text);
        assert_eq!(anonymous.gql("{ works }").await.ok().at("/data/works"), 1);
    }
    task.abort();
}
