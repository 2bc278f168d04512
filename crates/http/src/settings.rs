//! Settings for requests: time limits, size limits and origins.

use std::{sync::Arc, time::Duration};

use fieldguard_listener::Timeouts;
use ipnet::IpNet;

use crate::refusal;

/// The settings of one server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a client may take, by phase of the request.
    pub timeouts: Timeouts,
    /// Bytes of a request's path and query.
    pub uri_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of all header names and values of a request.
    pub header_bytes: usize,
    /// Open connections.
    pub connections: usize,
    /// Bytes of answers that clients have not read yet.
    pub pending_answer_bytes: usize,
    /// The public URL of this server without a trailing slash; empty if unknown.
    pub public_url: String,
    /// The origins of other sites whose pages may read answers, spelled as browsers send them.
    pub origins: Arc<[String]>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Arc<[IpNet]>,
    /// The page that a browser is redirected to when it opens `/graphql` without a query.
    pub page: Option<String>,
}

impl Settings {
    /// The settings of the listener.
    #[must_use]
    pub fn listener(&self) -> fieldguard_listener::Settings {
        fieldguard_listener::Settings {
            timeouts: self.timeouts,
            headers: self.headers,
            head_bytes: self.header_bytes.saturating_add(self.uri_bytes),
            connections: self.connections,
            refuse: refusal::without_request,
        }
    }
}

/// For a local server without pages or allowed origins.
impl Default for Settings {
    fn default() -> Self {
        Self {
            timeouts: Timeouts {
                head: Duration::from_secs(10),
                body: Duration::from_secs(10),
                idle: Duration::from_mins(1),
            },
            uri_bytes: 8_192,
            headers: 100,
            header_bytes: 16_384,
            connections: 10_000,
            pending_answer_bytes: 67_108_864,
            public_url: String::new(),
            origins: Arc::default(),
            trusted_proxies: Arc::default(),
            page: None,
        }
    }
}
