//! Sizes, and requests whose length two readers could see differently.

use super::raw::{Raw, post, request, with_body};
use crate::app::Server;

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_sent() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    // Nothing of the body is sent, and no `100 Continue` asks for it.
    raw.send(request("POST", "/graphql", &format!("{JSON}expect: 100-continue\r\ncontent-length: 65537\r\n"))).await;
    let reply = raw.reply().await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (413, "BAD_REQUEST"));
    assert_eq!(raw.closed().await, "");
}

#[tokio::test]
async fn a_chunked_body_is_read_as_far_as_the_limit() {
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
async fn contradictory_framing_is_refused() {
    let server = Server::start().await;
    for framing in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: +5\r\n",
        "content-length: 5, 6\r\n",
        "content-length: -1\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, identity\r\n",
    ] {
        let mut raw = Raw::connect(&server).await;
        raw.send(request("POST", "/graphql", &format!("{JSON}{framing}"))).await;
        raw.send("0\r\n\r\n").await;
        let answer = raw.closed().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{framing}: {answer}");
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{framing}: {answer}");
    }
}

#[tokio::test]
async fn a_length_beside_chunks_does_not_smuggle_a_request() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let head = request("POST", "/graphql", &format!("{JSON}content-length: 5\r\ntransfer-encoding: chunked\r\n"));
    raw.send(format!("{head}0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    let answer = raw.closed().await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("alive"), "{answer}");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let many = "x: y\r\n".repeat(101);
    let large = format!("x: {}\r\n", "y".repeat(16_384));
    for headers in [many, large] {
        let reply = Raw::ask(&server, request("GET", "/healthz", &headers)).await;
        assert_eq!((reply.status, reply.code().as_str()), (431, "BAD_REQUEST"));
    }
    let reply = Raw::ask(&server, request("GET", &format!("/healthz?{}", "x".repeat(8_192)), "")).await;
    assert_eq!((reply.status, reply.code().as_str()), (414, "BAD_REQUEST"));

    // Far beyond, hyper answers before there is a request.
    for (asked, status) in [
        (request("GET", "/healthz", &"x: y\r\n".repeat(201)), 431),
        (request("GET", "/healthz", &format!("x: {}\r\n", "y".repeat(100_000))), 431),
        ("GET /\0 HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
    ] {
        let reply = Raw::ask(&server, asked).await;
        assert_eq!((reply.status, reply.body.as_str()), (status, ""), "{reply:?}");
    }
    assert_eq!(Raw::ask(&server, post("{ __typename }")).await.status, 200);
}

#[tokio::test]
async fn requests_follow_each_other_on_a_connection() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    raw.send(format!("{}{}{}", post("{ __typename }"), with_body(JSON, "{}"), request("GET", "/healthz", ""))).await;
    for status in [200, 400, 200] {
        assert_eq!(raw.reply().await.unwrap().status, status);
    }
}
