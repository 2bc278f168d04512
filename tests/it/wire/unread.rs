//! Requests whose body the server does not need: it rejects them, or answers without it. Afterwards the connection is
//! usable, or the answer has announced that it closes. Without the announcement the client would lose its next request.

use std::time::Duration;

use futures_util::future::join_all;

use super::raw::{Raw, Reply, post, request};
use crate::app::Server;

/// A body that the server reads and discards.
const SMALL: usize = 26;
/// A body that is too large to discard, and over the body limit.
const LARGE: usize = 100_000;

/// The heads of requests without the framing of the body, with the expected status.
fn cases() -> Vec<(u16, String)> {
    let json = "content-type: application/json\r\n";
    let preflight = "origin: https://evil.example\r\naccess-control-request-method: POST\r\n";
    vec![
        (401, request("POST", "/graphql", &format!("{json}authorization: Bearer nonsense\r\n"))),
        (415, request("POST", "/graphql", "content-type: text/plain\r\n")),
        (406, request("POST", "/graphql", &format!("{json}accept: text/html\r\n"))),
        (400, request("POST", "/graphql", &format!("{json}x-fieldguard-on-denied: nonsense\r\n"))),
        (404, request("POST", "/nothing", json)),
        (405, request("POST", "/healthz", json)),
        (405, request("PUT", "/graphql", json)),
        (403, request("OPTIONS", "/graphql", preflight)),
        (204, request("OPTIONS", "/graphql", "")),
        (200, request("GET", "/healthz", "")),
        (200, request("HEAD", "/healthz", "")),
        (200, request("GET", "/graphql?query=%7B__typename%7D", "")),
        (401, request("GET", "/graphql?query=%7B__typename%7D", "authorization: Bearer nonsense\r\n")),
        (405, request("GET", "/graphql?query=mutation%7B__typename%7D", "")),
        (414, request("POST", &format!("/graphql?{}", "x".repeat(8_192)), json)),
        (431, request("POST", "/graphql", &"x: y\r\n".repeat(101))),
    ]
}

/// The head of a request with a body, and the body, in both framings.
fn framed(head: &str, bytes: usize) -> [(String, String); 2] {
    let with = |framing: &str| head.replacen("\r\n\r\n", &format!("\r\n{framing}\r\n\r\n"), 1);
    let body = "x".repeat(bytes);
    [
        (with(&format!("content-length: {bytes}")), body.clone()),
        (with("transfer-encoding: chunked"), format!("{bytes:x}\r\n{body}\r\n0\r\n\r\n")),
    ]
}

async fn reply(raw: &mut Raw, head: &str, status: u16) -> Reply {
    let reply = if head.starts_with("HEAD") { raw.head().await } else { raw.reply().await };
    let reply = reply.unwrap_or_else(|| panic!("no answer to {head}"));
    assert_eq!(reply.status, status, "{head}");
    reply
}

/// Whether the connection can be used again. If not, the answer must have said so.
async fn is_usable(raw: &mut Raw, head: &str, reply: &Reply) -> bool {
    if reply.header("connection") == Some("close") {
        assert_eq!(raw.closed().await, "", "{head}");
        return false;
    }
    raw.send(post("{ __typename }")).await;
    let next = raw.reply().await.unwrap_or_else(|| panic!("closed without announcement after {head}"));
    assert_eq!((next.status, next.body.as_str()), (200, r#"{"data":{"__typename":"Query"}}"#), "{head}");
    true
}

#[tokio::test]
async fn small_body_sent_with_the_head_keeps_the_connection_open() {
    let server = Server::start().await;
    for (status, head) in cases() {
        for (head, body) in framed(&head, SMALL) {
            let mut raw = Raw::connect(&server).await;
            raw.send(format!("{head}{body}")).await;
            let reply = reply(&mut raw, &head, status).await;
            assert_eq!(is_usable(&mut raw, &head, &reply).await, !matches!(status, 414 | 431), "{head}");
        }
    }
}

#[tokio::test]
async fn connection_closes_only_announced_when_the_body_follows_the_head() {
    let server = Server::start().await;
    for (status, head) in cases() {
        for bytes in [SMALL, LARGE] {
            for (head, body) in framed(&head, bytes) {
                let mut raw = Raw::connect(&server).await;
                raw.send(&head).await;
                // The server sees the head alone.
                tokio::task::yield_now().await;
                raw.send(&body).await;
                let reply = reply(&mut raw, &head, status).await;
                is_usable(&mut raw, &head, &reply).await;
            }
        }
    }
}

#[tokio::test]
async fn answer_before_the_body_announces_that_the_connection_closes() {
    let server = Server::with(|config| config.limits.body_timeout = Duration::from_millis(100)).await;
    let requests = cases().into_iter().flat_map(|(status, head)| framed(&head, SMALL).map(|request| (status, request)));
    join_all(requests.map(async |(status, (head, body))| {
        let mut raw = Raw::connect(&server).await;
        raw.send(&head).await;
        let reply = reply(&mut raw, &head, status).await;
        raw.send(&body).await;
        assert!(!is_usable(&mut raw, &head, &reply).await, "{head}");
    }))
    .await;
}

#[tokio::test]
async fn rejected_request_gets_no_100_continue() {
    let server = Server::start().await;
    for (status, head) in cases() {
        for (head, _) in framed(&head, SMALL) {
            let head = head.replacen("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n", 1);
            let mut raw = Raw::connect(&server).await;
            raw.send(&head).await;
            let reply = reply(&mut raw, &head, status).await;
            assert!(!is_usable(&mut raw, &head, &reply).await, "{head}");
        }
    }
}

#[tokio::test]
async fn malformed_chunks_close_the_connection_with_an_error() {
    let server = Server::start().await;
    for path in ["/graphql", "/nothing"] {
        let head = request("POST", path, "content-type: application/json\r\ntransfer-encoding: chunked\r\n");
        let mut raw = Raw::connect(&server).await;
        raw.send(format!("{head}5\r\nxxxxx\r\nnonsense\r\n")).await;
        let reply = raw.reply().await.unwrap();
        assert!(matches!(reply.status, 400 | 404), "{reply:?}");
        assert!(!is_usable(&mut raw, &head, &reply).await, "{path}");
    }
}
