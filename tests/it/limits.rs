//! Documents that would exhaust the server: each is rejected before execution, with the name of the limit, and the
//! server answers the next request.

use fieldguard::config::Config;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::Server,
    attacks::{self, Attack, GET_BYTES, POST_BYTES, arguments, chain, doubling, nested, places, repeated, spreading},
};

/// The media type for which the HTTP status says whether a document was executed.
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// Documents that exceed a limit: the limit's name, its maximum, the number asked for where the server counts to the
/// end, and the document.
fn oversized_documents() -> Vec<(&'static str, usize, Option<usize>, String)> {
    let (lists, objects) = (nested(2_000, "[", "]"), nested(2_000, "{a:", "}"));
    let login = r#"login(input: { username: "bob", password: "a guess" }) { expiresIn }"#;
    let reset = r#"resetPassword(input: { code: "a guess", newPassword: "a guess" }) { user { id } }"#;
    let mut documents = Vec::new();
    for value in [&lists, &objects] {
        for (_, document) in places(value) {
            documents.push(("nesting", 32, Some(33), document));
        }
    }
    documents.extend([
        ("nesting", 32, Some(33), "{a".repeat(2_000)),
        ("documentBytes", 16_384, Some(20_000), "#".repeat(20_000)),
        ("depth", 12, Some(13), format!("{}{}", "{ a ".repeat(13), "}".repeat(13))),
        ("selections", 1_000, None, doubling()),
        ("selections", 1_000, Some(1_201), format!("{{ serverInfo {{ {} }} }}", "version ".repeat(1_200))),
        ("aliases", 30, Some(31), format!("{{ serverInfo {{ {} }} }}", repeated(31, |n| format!("a{n}: version")))),
        ("rootFields", 10, Some(11), format!("{{ {} }}", "__typename ".repeat(11))),
        (
            "rootFields",
            10,
            Some(12),
            "{ ...F ...F } fragment F on Query { ".to_owned() + &"__typename ".repeat(6) + "}",
        ),
        ("directives", 10, Some(11), format!("{{ __typename {} }}", "@include(if: true) ".repeat(11))),
        (
            "merging",
            50_000,
            None,
            format!("{{ serverInfo {{ version({}) {} }} }}", arguments(900), "version ".repeat(900)),
        ),
        ("merging", 50_000, None, spreading(400, 400, 200)),
        ("setNesting", 64, Some(65), chain(400) + "{ ...A0 }"),
        ("signIns", 1, Some(2), format!("mutation {{ a: {login} b: {login} }}")),
        ("signIns", 1, Some(2), format!("mutation {{ {login} {reset} }}")),
        ("signIns", 1, Some(2), format!("mutation {{ ...F ...F }} fragment F on Mutation {{ a: {login} b: {login} }}")),
        (
            "introspection",
            2,
            Some(4),
            format!("{{ __schema {{ types {}name{} }} }}", "{ fields { type ".repeat(4), "} }".repeat(4))
                .replace("type name", "type { name }"),
        ),
    ]);
    documents
}

async fn still_answers(actor: &Actor, document: &str) {
    let answer = actor.gql("{ serverInfo { version } }").await.ok();
    assert!(answer.at("/data/serverInfo/version").is_string(), "after {document:.100}");
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str, document: &str) {
    assert_eq!(answer.codes(), [code], "{document:.100}: {}", answer.text);
    assert!(answer.json.get("data").is_none(), "nothing of {document:.100} is executed");
}

#[tokio::test]
async fn document_over_a_limit_is_rejected_with_the_name_of_the_limit() {
    let server = Server::start().await;
    let bob = server.user("bob").await;
    for (limit, maximum, asked, document) in oversized_documents() {
        let answer = bob.gql(&document).await;
        assert_refused(&answer, "QUERY_TOO_COMPLEX", &document);
        let extensions = answer.at("/errors/0/extensions");
        assert_eq!((&extensions["limit"], &extensions["maximum"]), (&json!(limit), &json!(maximum)), "{document:.100}");
        let counted = extensions["asked"].as_u64().unwrap();
        assert!(counted > maximum as u64, "{document:.100} asks for {counted}");
        assert!(asked.is_none_or(|asked| asked as u64 == counted), "{document:.100} asks for {counted}");
        still_answers(&bob, &document).await;
    }
}

#[track_caller]
fn assert_rejected(answer: &Answer, attack: &Attack) {
    let Attack { name, code, limit, .. } = attack;
    assert_eq!((answer.status.as_u16(), answer.codes()), (400, vec![*code]), "{name}: {}", answer.text);
    assert!(answer.json.get("data").is_none(), "nothing of {name} is executed");
    assert_eq!(answer.at("/errors/0/extensions/limit").as_str(), *limit, "{name}: {}", answer.text);
}

#[tokio::test]
async fn attacks_are_rejected_by_post_and_by_get() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    for attack in attacks::all(POST_BYTES) {
        let body = json!({ "query": attack.document });
        assert_rejected(
            &anonymous.request(|request| request.header("accept", GRAPHQL_RESPONSE).json(&body)).await,
            &attack,
        );
        still_answers(&anonymous, &attack.name).await;
    }
    for attack in attacks::all(GET_BYTES) {
        assert_rejected(
            &anonymous.get(&attack.document, |request| request.header("accept", GRAPHQL_RESPONSE)).await,
            &attack,
        );
        still_answers(&anonymous, &attack.name).await;
    }
}

#[tokio::test]
async fn configured_limits_apply_and_are_in_server_info() {
    let change =
        |config: &mut Config| (config.limits.documents.set_nesting, config.limits.documents.merging) = (5, 2_000);
    let server = Server::with(change).await;
    let anonymous = server.anonymous();
    let limits = anonymous.gql("{ serverInfo { limits { setNesting merging } } }").await.ok();
    assert_eq!(limits.at("/data/serverInfo/limits"), &json!({ "setNesting": 5, "merging": 2_000 }));
    for (limit, maximum, within, beyond) in [
        (
            "setNesting",
            5,
            "{ ...A0 }".to_owned() + &chain(3) + "fragment A3 on Query{__typename}",
            "{ __typename }".to_owned() + &chain(6),
        ),
        ("merging", 2_000, format!("{{ __typename {} }}", "serverInfo{version}".repeat(9)), spreading(40, 40, 1)),
    ] {
        assert!(anonymous.gql(&within).await.ok().at("/data/__typename").is_string(), "{within}");
        let refused = anonymous.gql(&beyond).await;
        let extensions = refused.at("/errors/0/extensions");
        assert_eq!((&extensions["limit"], &extensions["maximum"]), (&json!(limit), &json!(maximum)));
    }
}

#[tokio::test]
async fn variables_nested_over_the_limit_are_rejected() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let send = async |depth| {
        let value: Value = serde_json::from_str(&nested(depth, "[", "]")).unwrap();
        anonymous.gql_with("query ($a: [ID]) { __typename }", json!({ "a": value })).await
    };
    let answer = send(33).await;
    assert_refused(&answer, "QUERY_TOO_COMPLEX", "a variable nested 33 deep");
    let extensions = answer.at("/errors/0/extensions");
    assert_eq!(
        [&extensions["limit"], &extensions["maximum"], &extensions["asked"]],
        [&json!("variableNesting"), &json!(32), &json!(33)]
    );
    assert_ne!(send(32).await.at("/errors/0/extensions/code"), "QUERY_TOO_COMPLEX");
    let deep = format!(r#"{{"query": "{{ __typename }}", "variables": {{"a": {}}}}}"#, nested(2_000, "[", "]"));
    let answer = anonymous.request(|request| request.header("content-type", "application/json").body(deep)).await;
    assert_eq!(answer.codes(), ["BAD_REQUEST"], "the JSON parser stops at this depth");
    still_answers(&anonymous, "deep variables").await;
}

#[tokio::test]
async fn documents_exactly_at_a_limit_are_executed() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let at_limits = [
        format!("{{ {} }}", "__typename ".repeat(10)),
        format!("{{ serverInfo {{ {} }} }}", repeated(30, |n| format!("a{n}: version"))),
        format!("{{ serverInfo {{ {} }} }}", "version ".repeat(999)),
        format!("{{ __typename }} #{}", "x".repeat(16_384 - 16)),
        "{ a: __typename ... @include(if: true) { ".to_owned() + &"b: __typename @skip(if: false) ".repeat(9) + "} }",
    ];
    for document in at_limits {
        anonymous.gql(&document).await.ok();
    }
}

/// Fields with the same response name merge (GraphQL specification, section 5.3.2), so the password is checked once.
#[tokio::test]
async fn sign_in_spread_twice_counts_once() {
    let server = Server::start().await;
    server.user("bob").await;
    let login = format!(r#"login(input: {{ username: "bob", password: "{PASSWORD}" }}) {{ accessToken }}"#);
    let document = format!("mutation {{ ...F ...F }} fragment F on Mutation {{ {login} }}");
    server.anonymous().gql(&document).await.ok();
}
