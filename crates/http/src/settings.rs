//! Settings for requests: time limits, size limits and origins.

use std::{sync::Arc, time::Duration};

use fieldguard_listener::{Timeouts, tls::Tls};
use ipnet::IpNet;

use crate::{origin, refusal};

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
    /// The proxies that are trusted to name the client.
    pub trusted_proxies: Arc<[IpNet]>,
    /// How they name it.
    pub client_address: ClientAddress,
    /// TLS, if the server speaks it itself.
    pub tls: Option<Tls>,
    /// The page that a browser is redirected to when it opens `/graphql` without a query.
    pub page: Option<String>,
}

/// How a trusted proxy names the client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// The header `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// The header `Forwarded` (RFC 7239).
    Forwarded,
    /// The PROXY protocol, before the first request of a connection.
    ProxyProtocol,
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
            proxies: self.proxies(),
            tls: self.tls.clone(),
            refuse: refusal::without_request,
        }
    }

    /// Whether browsers keep no `Secure` cookie of this server, since they reach it from other machines without TLS.
    #[must_use]
    pub fn keeps_no_cookies(&self) -> bool {
        self.public_url
            .strip_prefix("http://")
            .is_some_and(|rest| !origin::is_local(rest.split('/').next().unwrap_or(rest)))
    }

    /// The proxies whose connections begin with a header of the PROXY protocol.
    fn proxies(&self) -> Arc<[IpNet]> {
        match self.client_address {
            ClientAddress::ProxyProtocol => self.trusted_proxies.clone(),
            ClientAddress::XForwardedFor | ClientAddress::Forwarded => Arc::default(),
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
            client_address: ClientAddress::default(),
            tls: None,
            page: None,
        }
    }
}
