//! Message framing: size limits, and requests whose length two parsers could interpret differently.

use super::raw::{Raw, Reply, post, request, with_body};
use crate::app::Server;

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test]
async fn oversized_body_is_rejected_before_it_is_sent() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    // The client sends nothing of the body, and the server sends no `100 Continue`.
    raw.send(request("POST", "/graphql", &format!("{JSON}expect: 100-continue\r\ncontent-length: 65537\r\n"))).await;
    let reply = raw.reply().await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (413, "BAD_REQUEST"));
    assert_eq!(raw.closed().await, "");
}

#[tokio::test]
async fn chunked_body_is_read_up_to_the_limit() {
    let server = Server::start().await;
    let head = request("POST", "/graphql", &format!("{JSON}transfer-encoding: chunked\r\n"));
    let mut raw = Raw::connect(&server).await;
    raw.send(format!("{head}1a\r\n{{\"query\":\"{{ __typename }}\"}}\r\n0\r\n\r\n")).await;
    assert_eq!(raw.reply().await.unwrap().body, r#"{"data":{"__typename":"Query"}}"#);

    let mut raw = Raw::connect(&server).await;
    raw.send(format!("{head}11000\r\n{}", "x".repeat(0x11000))).await;
    let reply = raw.reply().await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (413, "BAD_REQUEST"));
}

#[tokio::test]
async fn contradictory_framing_is_rejected() {
    let server = Server::start().await;
    for framing in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: +5\r\n",
        "content-length: 5, 6\r\n",
        "content-length: -1\r\n",
    ] {
        assert_rejected_and_closed(&server, request("POST", "/graphql", &format!("{JSON}{framing}")), 400).await;
    }
    let old = request("POST", "/graphql", &format!("{JSON}transfer-encoding: chunked\r\n"));
    assert_rejected_and_closed(&server, old.replacen("HTTP/1.1", "HTTP/1.0", 1), 400).await;
}

#[tokio::test]
async fn transfer_codings_other_than_chunked_are_not_implemented() {
    let server = Server::start().await;
    for framing in [
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        "transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: \r\n",
        "transfer-encoding: xchunked\r\n",
    ] {
        assert_rejected_and_closed(&server, request("POST", "/graphql", &format!("{JSON}{framing}")), 501).await;
    }
    let head = request("POST", "/graphql", &format!("{JSON}transfer-encoding: Chunked\r\n"));
    let reply = Raw::ask(&server, format!("{head}1a\r\n{{\"query\":\"{{ __typename }}\"}}\r\n0\r\n\r\n")).await;
    assert_eq!(reply.status, 200);
}

/// Checks that the request is rejected with `status` in the server's error format, and that the following bytes are not
/// read as a request.
async fn assert_rejected_and_closed(server: &Server, request_bytes: String, status: u16) {
    let mut raw = Raw::connect(server).await;
    raw.send(format!("{request_bytes}0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    let reply = raw.reply().await.unwrap_or_else(|| panic!("no answer to {request_bytes}"));
    assert_eq!((reply.status, reply.code().as_str()), (status, "BAD_REQUEST"), "{request_bytes}");
    assert_common_headers(&reply);
    assert_eq!((reply.header("connection"), raw.closed().await.as_str()), (Some("close"), ""), "{request_bytes}");
}

/// Checks the headers that every answer of the server has.
fn assert_common_headers(reply: &Reply) {
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{reply:?}");
    }
    assert!(reply.header("x-request-id").is_some() && reply.header("date").is_some(), "{reply:?}");
}

#[tokio::test]
async fn request_needs_exactly_one_valid_host() {
    let server = Server::start().await;
    for hosts in [
        "",
        "host: x\r\nhost: x\r\n",
        "host: x\r\nhost: y\r\n",
        "host: \r\n",
        "host: a b\r\n",
        "host: user@x\r\n",
        "host: x/y\r\n",
        "host: x:port\r\n",
        "host: [::1\r\n",
    ] {
        for target in ["/healthz", "http://x/healthz"] {
            assert_rejected_and_closed(&server, format!("GET {target} HTTP/1.1\r\n{hosts}\r\n"), 400).await;
        }
    }
    for head in ["1.1\r\nhost: id.example.org:4000", "1.1\r\nhost: [::1]:80", "1.0"] {
        assert_eq!(Raw::ask(&server, format!("GET /healthz HTTP/{head}\r\n\r\n")).await.status, 200, "{head}");
    }
}

#[tokio::test]
async fn content_length_with_chunks_does_not_smuggle_a_request() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let head = request("POST", "/graphql", &format!("{JSON}content-length: 5\r\ntransfer-encoding: chunked\r\n"));
    raw.send(format!("{head}0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    let answer = raw.closed().await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("alive"), "{answer}");
}

#[tokio::test]
async fn oversized_head_is_rejected() {
    let server = Server::start().await;
    let many = "x: y\r\n".repeat(101);
    let large = format!("x: {}\r\n", "y".repeat(16_384));
    for headers in [many, large] {
        let reply = Raw::ask(&server, request("GET", "/healthz", &headers)).await;
        assert_eq!((reply.status, reply.code().as_str()), (431, "BAD_REQUEST"));
    }
    let reply = Raw::ask(&server, request("GET", &format!("/healthz?{}", "x".repeat(8_192)), "")).await;
    assert_eq!((reply.status, reply.code().as_str()), (414, "BAD_REQUEST"));

    // Far beyond the limit the head is not parsed, so the listener answers and not the router.
    for (request_bytes, status) in [
        (request("GET", "/healthz", &"x: y\r\n".repeat(201)), 431),
        (request("GET", "/healthz", &format!("x: {}\r\n", "y".repeat(100_000))), 431),
        (request("GET", &format!("/healthz?{}", "x".repeat(100_000)), ""), 431),
        ("GET /\0 HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/3.0\r\n\r\n".to_owned(), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
    ] {
        assert_rejected_and_closed(&server, request_bytes, status).await;
    }
    assert_eq!(Raw::ask(&server, post("{ __typename }")).await.status, 200);
}

#[tokio::test]
async fn malformed_pipelined_head_is_rejected_after_earlier_answers() {
    let server = Server::start().await;
    for last in ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n"] {
        let mut raw = Raw::connect(&server).await;
        raw.send(format!("{}{}{last}", post("{ __typename }"), request("OPTIONS", "/graphql", ""))).await;
        assert_eq!(raw.reply().await.unwrap().status, 200);
        assert_eq!(raw.reply().await.unwrap().status, 204);
        let reply = raw.reply().await.unwrap();
        assert!(matches!(reply.status, 400 | 501) && reply.code() == "BAD_REQUEST", "{reply:?}");
        assert_eq!(raw.closed().await, "");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    raw.send(format!("{}{}{}", post("{ __typename }"), with_body(JSON, "{}"), request("GET", "/healthz", ""))).await;
    for status in [200, 400, 200] {
        assert_eq!(raw.reply().await.unwrap().status, status);
    }
}
