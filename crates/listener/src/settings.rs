//! Settings of the listener.

use std::{sync::Arc, time::Duration};

use axum::http::Response;
use ipnet::IpNet;

use crate::{Problem, tls::Tls};

/// Creates the answer for a request that the router does not answer: status, headers and body. The listener adds
/// `Date`, `Content-Length` and `Connection`.
pub type Refuse = fn(&Problem) -> Response<String>;

/// Limits for clients, and the answers of the listener itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time limits.
    pub timeouts: Timeouts,
    /// Headers of a request. The listener accepts twice as many, so that the router can reject the request itself.
    pub headers: usize,
    /// Bytes of the head of a request. The listener accepts somewhat more, so that the router can reject the request
    /// itself.
    pub head_bytes: usize,
    /// Open connections.
    pub connections: usize,
    /// The proxies whose connections begin with a header of the PROXY protocol, version 1 or 2, which names the client.
    /// Other peers are clients themselves.
    pub proxies: Arc<[IpNet]>,
    /// TLS for TCP ports, after the header of the PROXY protocol if there is one. Unix sockets have none.
    pub tls: Option<Tls>,
    /// Creates the answer if the router does not.
    pub refuse: Refuse,
}

/// Time limits by phase of a request.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the head of a request, from its first byte. For the first request, from the start of the connection.
    pub head: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the next request to start, or for the client to read part of an answer.
    pub idle: Duration,
}
