//! Mutations that are not sent as JSON by POST are rejected and not executed. Pages of other sites can send most of
//! these requests without a CORS preflight.

use fieldguard_test_macros::on_each_database;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::raw::{Raw, post, request, with_body};
use crate::{
    actor::{Actor, PASSWORD},
    app::{Server, each},
};

/// Mutations with a visible effect: a user and a session, a session, a disabled user, a deleted user.
fn mutations(bob: &Actor) -> Vec<String> {
    let input = |name: &str| format!("input: {{ username: {name:?}, password: {PASSWORD:?} }}");
    vec![
        format!("mutation {{ register({}) {{ user {{ id }} }} }}", input("eve")),
        format!("mutation {{ login({}) {{ expiresIn }} }}", input("ada")),
        format!("mutation {{ disableUser(input: {{ userId: {:?} }}) {{ user {{ id }} }} }}", bob.id),
        format!("mutation {{ deleteAccount(input: {{ password: {PASSWORD:?} }}) {{ userId }} }}"),
    ]
}

async fn counts(ada: &Actor) -> Value {
    let answer = ada.gql("{ admin { sessions users { total active disabled } } }").await.ok();
    answer.at("/data/admin").clone()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Requests that must be rejected: the expected status, and the bytes of the request.
fn rejected_requests(document: &str, bearer: &str) -> Vec<(u16, String)> {
    let query = encoded(document);
    let get = |parameters: &str| request("GET", &format!("/graphql?{parameters}"), bearer);
    let several = encoded(&document.replacen("mutation", "query Q { __typename } mutation M", 1));
    let mut requests = vec![
        (405, get(&format!("query={query}"))),
        (405, get(&format!("query={several}&operationName=M"))),
        (405, get(&format!("query={query}&variables=%7B%7D&extensions=%7B%7D"))),
    ];
    let json = json!({ "query": document }).to_string();
    // GET requests must have no body.
    requests.push((
        400,
        with_body(&format!("{bearer}content-type: application/json\r\n"), &json).replacen("POST", "GET", 1),
    ));
    let form = format!("query={query}");
    let part = |name: &str, text: &str| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n--x--\r\n")
    };
    let bodies = [json.clone(), form, part("operations", &json), part("query", document), document.to_owned()];
    for kind in [
        "",
        "content-type: \r\n",
        "content-type: text/plain\r\n",
        "content-type: text/plain; charset=utf-8\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: multipart/form-data; boundary=x\r\n",
        "content-type: application/graphql\r\n",
        "content-type: application/json; charset=utf-16\r\n",
        "content-type: application/json, text/plain\r\n",
        "content-type: text/plain; application/json\r\n",
        "content-type: application/json\r\ncontent-type: text/plain\r\n",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
        "content-type: application/json\r\ncontent-encoding: identity\r\n",
    ] {
        requests.extend(bodies.iter().map(|body| (415, with_body(&format!("{bearer}{kind}"), body))));
    }
    requests
}

#[on_each_database]
async fn mutations_are_executed_only_as_json_by_post() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let bearer = format!("authorization: Bearer {}\r\n", ada.token.as_deref().unwrap());
        let before = counts(&ada).await;
        for document in mutations(&bob) {
            for (status, sent) in rejected_requests(&document, &bearer) {
                let reply = Raw::ask(server, &sent).await;
                assert_eq!((reply.status, reply.code().as_str()), (status, "BAD_REQUEST"), "{sent}: {reply:?}");
                assert!(status != 405 || reply.header("allow") == Some("POST"), "{reply:?}");
            }
            assert_head_rejected(server, &document, &bearer).await;
            assert_eq!(counts(&ada).await, before, "{document}");
        }
        server.anonymous().login("bob").await;
        // The mutation takes effect if it is sent correctly.
        let [register, ..] = &*mutations(&bob) else { unreachable!("there are four mutations") };
        assert_eq!(Raw::ask(server, post(register)).await.status, 200);
        let total = |value: &Value| value.pointer("/users/total").and_then(Value::as_u64).unwrap();
        assert_eq!(total(&counts(&ada).await), total(&before) + 1);
    })
    .await;
}

/// Checks that HEAD is rejected. The answer has no body.
async fn assert_head_rejected(server: &Server, document: &str, bearer: &str) {
    let path = format!("/graphql?query={}", encoded(document));
    let mut raw = Raw::connect(server).await;
    raw.send(request("HEAD", &path, &format!("{bearer}connection: close\r\n"))).await;
    let answer = raw.closed().await;
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nallow: POST\r\n"), "{answer}");
}
