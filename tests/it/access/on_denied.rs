//! `onDenied`: a denied field is null with an error, rejects the whole query, or is reported in `extensions`.

use fieldguard_test_macros::on_each_database;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    app::{Server, each},
};

const HEADER: &str = "x-fieldguard-on-denied";
const BOTH: &str = "{ me { username } admin { message } }";
const NEWER: &str = "application/graphql-response+json";

async fn with(actor: &Actor, document: &str, on_denied: Value) -> Answer {
    let body = json!({ "query": document, "extensions": { "onDenied": on_denied } });
    actor.request(|request| request.header("accept", NEWER).json(&body)).await
}

async fn with_header(actor: &Actor, document: &str, value: &str) -> Answer {
    actor
        .request(|request| request.header(HEADER, value).header("accept", NEWER).json(&json!({ "query": document })))
        .await
}

#[track_caller]
fn assert_rejected(answer: &Answer, coordinates: &[&str]) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert!(answer.json.get("data").is_none(), "{answer:?}");
    let errors = answer.at("/errors").as_array().unwrap().iter();
    let refused: Vec<_> = errors.map(|error| error["extensions"]["coordinate"].as_str().unwrap()).collect();
    assert_eq!(refused, coordinates, "{answer:?}");
}

#[on_each_database]
async fn denial_names_coordinate_requirement_and_reason() {
    each(async |server| {
        let bob = server.user("bob").await;
        let answer = bob.gql(BOTH).await;
        assert_eq!(answer.at("/data"), &json!({ "me": { "username": "bob" }, "admin": null }));
        let expected = json!({
            "code": "FORBIDDEN", "coordinate": "Query.admin", "requires": { "role": "admin" }, "reason": "MISSING_ROLE",
        });
        assert_eq!(answer.at("/errors/0/extensions"), &expected);
        let reason = async |actor: &Actor, document: &str| {
            actor.gql(document).await.at("/errors/0/extensions/reason").as_str().unwrap().to_owned()
        };
        assert_eq!(reason(&server.anonymous(), BOTH).await, "NOT_SIGNED_IN");
        assert_eq!(reason(&bob, "{ roles { id } }").await, "MISSING_PERMISSION");
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(6));
        assert_eq!(
            reason(&bob, "mutation { deleteAccount(input: { password: \"x\" }) { userId } }").await,
            "REAUTHENTICATION_REQUIRED"
        );
        let ada = server.admin().await;
        let issue = format!("mutation {{ issuePasswordReset(input: {{ userId: \"{}\" }}) {{ code }} }}", bob.id);
        let code = ada.gql(&issue).await.ok().at("/data/issuePasswordReset/code").clone();
        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { email } } }";
        let input = json!({ "input": { "code": code, "newPassword": crate::actor::PASSWORD } });
        let answer = server.user("ann").await.gql_with(document, input).await;
        assert_eq!(answer.at("/errors/0/extensions/reason"), "NOT_OWNER", "{answer:?}");
    })
    .await;
}

#[on_each_database]
async fn reject_mode_denies_the_whole_query_before_it_runs() {
    each(async |server| {
        let bob = server.user("bob").await;
        let document = "{ me { username } admin { message } ...F } fragment F on Query { r: roles { name } }";
        for answer in [with(&bob, document, json!("reject")).await, with_header(&bob, document, "reject").await] {
            assert_rejected(&answer, &["Query.admin", "Query.roles"]);
            assert_eq!(answer.at("/errors/1/path"), &json!(["r"]));
            assert_eq!(answer.at("/errors/1/extensions/requires"), &json!({ "permission": "roles:read" }));
        }
        let body = json!({ "query": document, "extensions": { "onDenied": "reject" } });
        let older = bob.send(&body).await;
        assert_eq!((older.status, older.codes()), (StatusCode::OK, vec!["FORBIDDEN", "FORBIDDEN"]));
        assert!(older.json.get("data").is_none());
        assert_rejected(&with(&server.anonymous(), "{ me { id } }", json!("reject")).await, &["Query.me"]);
        let mine =
            format!("{{ me {{ email }} node(id: \"{}\") {{ ... on User {{ email roles {{ name }} }} }} }}", bob.id);
        with(&bob, &mine, json!("reject")).await.ok();
        let either = "{ node(id: ID) { ... on User { email } ... on Role { permissions { name } } ... on Session { ipAddress } } }";
        with(&bob, &either.replace("ID", &format!("\"{}\"", bob.id)), json!("reject")).await.ok();
        let ada = server.admin().await;
        let sam = crate::admin::desk::holder(server, &ada, "desk", &["users:read"]).await;
        let of_ada = format!("{{ node(id: \"{}\") {{ ... on User {{ email securityEvents(first: 1) {{ edges {{ cursor }} }} }} ... on Role {{ permissions {{ name }} }} }} }}", ada.id);
        assert_rejected(&with(&sam, &of_ada, json!("reject")).await, &["User.securityEvents"]);
        let left_out = "query ($it: Boolean = false) { me { id } admin @include(if: $it) { message } }";
        with(&bob, left_out, json!("reject")).await.ok();
    })
    .await;
}

#[on_each_database]
async fn reject_mode_denies_a_query_after_it_ran_where_ownership_decides() {
    each(async |server| {
        let ask = |filter: &str| {
            format!("{{ users(first: 9{filter}) {{ edges {{ node {{ id sessions(first: 1) {{ pageInfo {{ hasNextPage }} }} }} }} }} }}")
        };
        let (all, own) = (ask(""), ask(", filter: { usernamePrefix: \"sam\" }"));
        let ada = server.admin().await;
        let sam = crate::admin::support(server, &ada).await;
        assert_rejected(&with(&sam, &all, json!("reject")).await, &["User.sessions"]);
        with(&sam, &own, json!("reject")).await.ok();
        let answer = with(&sam, &all, json!("null")).await;
        let edges = answer.at("/data/users/edges").as_array().unwrap();
        let nulls = edges.iter().filter(|edge| edge["node"]["sessions"].is_null()).count();
        assert_eq!((edges.len(), nulls), (2, 1), "{answer:?}");
    })
    .await;
}

#[on_each_database]
async fn report_mode_lists_denials_in_extensions() {
    each(async |server| {
        let bob = server.user("bob").await;
        for answer in [with(&bob, BOTH, json!("report")).await, with_header(&bob, BOTH, "report").await] {
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.at("/errors").is_null(), "{answer:?}");
            assert_eq!(answer.at("/data"), &json!({ "me": { "username": "bob" }, "admin": null }));
            let denied = answer.at("/extensions/denied");
            assert_eq!(denied, bob.gql(BOTH).await.at("/errors"), "in the same form as errors");
        }
        let answer = with(
            &bob,
            "{ me { sessions(first: -1) { pageInfo { hasNextPage } } } admin { message } }",
            json!("report"),
        )
        .await;
        assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "other errors stay in `errors`");
        assert!(with(&bob, "{ me { id } }", json!("report")).await.ok().at("/extensions").is_null());
    })
    .await;
}

#[tokio::test]
async fn on_denied_is_set_in_extensions_or_header_and_rejects_unknown_values() {
    let server = Server::start().await;
    let bob = server.user("bob").await;
    for default in [json!(null), json!("null")] {
        let answer = with(&bob, BOTH, default).await;
        assert_eq!((answer.status, answer.codes()), (StatusCode::OK, vec!["FORBIDDEN"]));
    }
    let body = json!({ "query": BOTH, "extensions": { "onDenied": "null" } });
    let answer = bob.request(|request| request.header(HEADER, "reject").json(&body)).await;
    assert_eq!(answer.at("/data/me/username"), "bob", "the request overrides the header");
    for word in [json!("Reject"), json!(""), json!(true), json!(["reject"]), json!("\u{7}")] {
        let answer = with(&bob, BOTH, word).await;
        assert_eq!((answer.status, answer.codes()), (StatusCode::BAD_REQUEST, vec!["BAD_REQUEST"]));
        assert!(answer.at("/errors/0/message").as_str().unwrap().contains("`extensions.onDenied`"));
    }
    for word in ["REJECT", "", "reject,report"] {
        let answer = with_header(&bob, BOTH, word).await;
        assert_eq!((answer.status, answer.codes()), (StatusCode::BAD_REQUEST, vec!["BAD_REQUEST"]), "{word}");
        assert!(answer.at("/errors/0/message").as_str().unwrap().contains("`X-Fieldguard-On-Denied`"));
    }
    let twice = |request: reqwest::RequestBuilder| {
        request.header(HEADER, "null").header(HEADER, "reject").json(&json!({ "query": BOTH }))
    };
    assert_eq!(bob.request(twice).await.codes(), ["BAD_REQUEST"]);
    let by_get = bob.get(BOTH, |request| request.header(HEADER, "reject").header("accept", NEWER)).await;
    assert_rejected(&by_get, &["Query.admin"]);
    let by_url = bob.get_raw("query=%7Badmin%7Bmessage%7D%7D&extensions=%7B%22onDenied%22:%22reject%22%7D").await;
    assert!(by_url.json.get("data").is_none() && by_url.codes() == ["FORBIDDEN"], "{by_url:?}");
}

#[tokio::test]
async fn denials_are_limited_to_the_maximum_number_of_errors() {
    let server = Server::start().await;
    let bob = server.user("bob").await;
    let fields: Vec<_> = (0..9).map(|n| format!("a{n}: admin {{ message }}")).collect();
    let fields = fields.join(" ");
    let answer = with(&bob, &format!("{{ {fields} }}"), json!("reject")).await;
    assert_eq!(answer.codes().len(), 9);
    let server = Server::with(|config| config.limits.documents.errors = 3).await;
    let bob = server.user("bob").await;
    assert_eq!(with(&bob, &format!("{{ {fields} }}"), json!("reject")).await.codes().len(), 3);
    let reported = with(&bob, &format!("{{ {fields} }}"), json!("report")).await.ok();
    assert_eq!(reported.at("/extensions/denied").as_array().unwrap().len(), 3);
}
