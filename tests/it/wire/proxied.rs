//! The client's address as a proxy names it: before the requests of a connection, with the PROXY protocol, or in a
//! header of each request.
#![cfg(target_os = "linux")]

use std::time::Duration;

use fieldguard::config::{ClientAddress, Config};
use serde_json::{Value, json};

use super::raw::{Raw, Reply, post, with_body};
use crate::{actor::PASSWORD, app::Server};

const VERSION_1: &[u8] = b"PROXY TCP4 203.0.113.7 10.0.0.1 51245 443\r\n";
const VERSION_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\xc8\x2d\x01\xbb";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

async fn behind(client_address: ClientAddress) -> Server {
    Server::with(|config| {
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.client_address = client_address;
    })
    .await
}

/// Registers a user over a new connection with these first bytes and headers, and returns the address on record.
async fn recorded(server: &Server, name: &str, first: &[u8], headers: &str) -> String {
    let document = format!(
        "mutation {{ register(input: {{ username: \"{name}\", password: \"{PASSWORD}\" }}) \
         {{ session {{ ipAddress }} }} }}"
    );
    let body = json!({ "query": document }).to_string();
    let reply = ask(server, first, &with_body(&format!("content-type: application/json\r\n{headers}"), &body)).await;
    let answer: Value = serde_json::from_str(&reply.body).unwrap();
    answer.pointer("/data/register/session/ipAddress").and_then(Value::as_str).unwrap_or(&reply.body).to_owned()
}

async fn ask(server: &Server, first: &[u8], rest: &str) -> Reply {
    Raw::ask(server, [first, rest.as_bytes()].concat()).await
}

#[tokio::test]
async fn proxy_protocol_names_the_client() {
    let server = behind(ClientAddress::ProxyProtocol).await;
    let forged = "x-forwarded-for: 198.51.100.1\r\nforwarded: for=198.51.100.1\r\n";
    assert_eq!(recorded(&server, "one", VERSION_1, forged).await, "203.0.113.7");
    assert_eq!(recorded(&server, "two", VERSION_2, forged).await, "203.0.113.7");
    assert_eq!(recorded(&server, "three", LOCAL, forged).await, "127.0.0.1");
}

#[tokio::test]
async fn header_of_the_proxy_may_arrive_in_parts() {
    let server = behind(ClientAddress::ProxyProtocol).await;
    let mut raw = Raw::connect(&server).await;
    for part in VERSION_2.chunks(5) {
        raw.send(part).await;
        raw.received().await;
    }
    raw.send(post("{ __typename }").repeat(2)).await;
    for _ in 0..2 {
        assert_eq!(raw.reply().await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn connection_of_a_proxy_without_the_header_is_refused() {
    let server = behind(ClientAddress::ProxyProtocol).await;
    let reply = Raw::ask(&server, post("{ __typename }")).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_REQUEST"));
    assert!(reply.body.contains("PROXY protocol") && reply.header("connection") == Some("close"), "{reply:?}");
    // Checks of the port and silent connections end without an answer.
    let server = Server::with(|config: &mut Config| {
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.client_address = ClientAddress::ProxyProtocol;
        config.limits.header_timeout = Duration::from_millis(100);
    })
    .await;
    assert_eq!(Raw::connect(&server).await.closed().await, "");
    assert_eq!(Raw::connect_with(&server, &VERSION_2[..20]).closed().await, "");
}

#[tokio::test]
async fn other_peers_are_clients_themselves() {
    let server = Server::with(|config| {
        config.trusted_proxies = "10.0.0.1".parse().unwrap();
        config.client_address = ClientAddress::ProxyProtocol;
    })
    .await;
    assert_eq!(recorded(&server, "bob", b"", "").await, "127.0.0.1");
    let reply = ask(&server, VERSION_1, &post("{ __typename }")).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_REQUEST"), "such a client has no say");
}

#[tokio::test]
async fn forwarded_names_the_client_if_configured() {
    let both = "x-forwarded-for: 198.51.100.1\r\nforwarded: for=203.0.113.7;proto=https\r\n";
    let server = behind(ClientAddress::Forwarded).await;
    assert_eq!(recorded(&server, "one", b"", both).await, "203.0.113.7");
    let server = behind(ClientAddress::XForwardedFor).await;
    assert_eq!(recorded(&server, "one", b"", both).await, "198.51.100.1");
}
