//! Connections: timeouts for slow and silent clients, the maximum number, and the shutdown of the server.
//!
//! A test uses a short timeout only where nothing else can happen in that time, even on a slow machine. Timeouts that
//! must not expire are long. Where the order of events counts, the test waits until the server has seen each.
#![cfg(target_os = "linux")]

use std::{io::Write as _, net::SocketAddr, time::Duration};

use fieldguard::{config::Config, listener};
use tokio::{net::TcpStream, sync::watch};

use super::raw::{Raw, post, request};
use crate::app::Server;

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_mins(5);

async fn server(change: impl FnOnce(&mut Config)) -> Server {
    Server::with(change).await
}

/// The head of a POST request whose body follows.
fn head() -> String {
    request("POST", "/graphql", "content-type: application/json\r\ncontent-length: 26\r\n")
}

const BODY: &str = r#"{"query":"{ __typename }"} "#;

#[tokio::test]
async fn incomplete_head_times_out() {
    let server = server(|config| config.limits.header_timeout = SHORT).await;
    let mut raw = Raw::connect_with(&server, "GET /healthz HTTP/1.1\r\n");
    let reply = raw.reply().await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (408, "BAD_REQUEST"));
    assert_eq!(raw.closed().await, "");
    assert_eq!(Raw::connect(&server).await.closed().await, "", "a silent connection is closed without an answer");
}

#[tokio::test]
async fn incomplete_body_times_out() {
    let server = server(|config| config.limits.body_timeout = SHORT).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(format!("{}{{", head())).await;
    let reply = raw.reply().await.unwrap();
    assert_eq!((reply.status, reply.code().as_str()), (408, "BAD_REQUEST"));
    assert_eq!(raw.closed().await, "");
}

#[tokio::test]
async fn idle_connection_times_out_independently_of_the_head_timeout() {
    let idle_limited = server(|config| config.limits.idle_timeout = SHORT).await;
    let mut raw = Raw::connect(&idle_limited).await;
    raw.send(post("{ __typename }")).await;
    assert_eq!(raw.reply().await.unwrap().status, 200);
    assert_eq!(raw.closed().await, "");

    let head_limited = server(|config| config.limits.header_timeout = SHORT).await;
    let mut raw = Raw::connect_with(&head_limited, post("{ __typename }"));
    assert_eq!(raw.reply().await.unwrap().status, 200);
    for _ in 0..2 {
        // Longer than the head timeout: another connection times out in the meantime.
        Raw::connect(&head_limited).await.closed().await;
        // A head that arrives as a whole is not late.
        raw.send(post("{ __typename }")).await;
        assert_eq!(raw.reply().await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn longest_silent_connection_is_closed_at_the_connection_limit() {
    let server = server(|config| {
        config.limits.connections = 3;
        // Longer than the test waits: only the connection limit closes a connection here.
        config.limits.header_timeout = LONG;
        config.limits.body_timeout = LONG;
    })
    .await;
    let mut silent = Raw::connect(&server).await;
    silent.received().await;
    let mut used = Raw::connect(&server).await;
    used.send(post("{ __typename }")).await;
    assert_eq!(used.reply().await.unwrap().status, 200);
    let mut slow = Raw::connect(&server).await;
    slow.send(head()).await;
    slow.received().await;

    assert_eq!(Raw::ask(&server, post("{ __typename }")).await.status, 200);
    assert_eq!(silent.closed().await, "");
    used.send(post("{ __typename }")).await;
    assert_eq!(used.reply().await.unwrap().status, 200, "the connection that was active later stays open");
}

#[tokio::test]
async fn running_requests_complete_when_the_server_stops() {
    let server = server(|_| {}).await;
    let address = server.address;
    let mut idle = Raw::connect(&server).await;
    idle.send(post("{ __typename }")).await;
    idle.reply().await.unwrap();
    let mut busy = Raw::connect(&server).await;
    busy.send(format!("{}{}", head(), &BODY[..10])).await;
    busy.received().await;
    // The server has started to process this request, because it sends `100 Continue` only then.
    let mut expecting = Raw::connect(&server).await;
    expecting.send(head().replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n")).await;
    assert_eq!(expecting.reply().await.unwrap().status, 100);

    let stopping = tokio::spawn(server.stop());
    assert_eq!(idle.closed().await, "");
    expecting.send(&BODY[..26]).await;
    let answered = expecting.reply().await.unwrap();
    assert_eq!((answered.status, answered.header("connection")), (200, Some("close")));
    busy.send(&BODY[10..26]).await;
    assert_eq!(busy.reply().await.unwrap().status, 200);
    stopping.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "no server listens");
}

#[tokio::test]
async fn received_requests_are_answered_when_the_server_stops() {
    let server = server(|_| {}).await;
    let mut idle = Raw::connect(&server).await;
    idle.send(post("{ __typename }")).await;
    idle.reply().await.unwrap();

    // From here to the spawned stop the server gets no time to read its sockets.
    idle.send(post("{ __typename }")).await;
    let mut fresh = std::net::TcpStream::connect(server.address).unwrap();
    fresh.write_all(post("{ __typename }").as_bytes()).unwrap();
    fresh.set_nonblocking(true).unwrap();
    let mut fresh = Raw(TcpStream::from_std(fresh).unwrap());
    let stopping = tokio::spawn(server.stop());
    for raw in [&mut idle, &mut fresh] {
        let reply = raw.reply().await.expect("an answer");
        assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
        assert_eq!(raw.closed().await, "");
    }
    stopping.await.unwrap();
}

#[tokio::test]
async fn shutdown_waits_for_a_body_only_until_its_deadline() {
    let server = server(|_| {}).await;
    let listener = listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let (router, settings) = (server.app.builtin_router().unwrap(), server.app.wire().listener());
    let (stop, stopped) = watch::channel(false);
    let accepting = tokio::spawn(async move { listener::accept(listener, router, &settings, stopped).await });
    let _idle = TcpStream::connect(address).await.unwrap();
    let mut half = Raw(TcpStream::connect(address).await.unwrap());
    half.send(head().replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n")).await;
    assert_eq!(half.reply().await.unwrap().status, 100);
    half.send(&BODY[..10]).await;

    stop.send(true).unwrap();
    let open = accepting.await.unwrap();
    assert_eq!(open.requests(), 1);
    assert_eq!(open.finish(Duration::ZERO).await, 1);
}
