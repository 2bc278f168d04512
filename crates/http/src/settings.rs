//! What requests are held to: times, sizes and origins.

use std::{sync::Arc, time::Duration};

use fieldguard_listener::Timeouts;
use ipnet::IpNet;

use crate::refusal;

/// What requests are held to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a client may be silent, by what it is to send.
    pub timeouts: Timeouts,
    /// Bytes of a request's target: path and query.
    pub uri_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of all headers of a request together, names and values.
    pub header_bytes: usize,
    /// Connections open at once.
    pub connections: usize,
    /// Bytes of answers that wait for clients which do not take them.
    pub pending_answer_bytes: usize,
    /// The address under which clients reach this server, without a slash at its end; empty where it is not known.
    pub public_url: String,
    /// The origins of other sites whose pages may read answers, each exactly as browsers spell it.
    pub origins: Arc<[String]>,
    /// The proxies whose word is taken on where a request comes from.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Where a browser is sent that opens `/graphql` without a query; nowhere without one.
    pub page: Option<String>,
}

impl Settings {
    /// What of them is the listener's business.
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

/// For a server on this machine, without pages of its own or of other sites.
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
