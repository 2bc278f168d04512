//! What the wire is held to: times, sizes and origins. Where they are written is the business of `config`.

use std::sync::Arc;

use fieldguard_listener::Timeouts;
use ipnet::IpNet;

use super::refusal;

/// The settings of the wire.
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
    /// Bytes of the answer to a query.
    pub answer_bytes: usize,
    /// Connections open at once.
    pub connections: usize,
    /// The address under which clients reach this server, without a slash at its end.
    pub public_url: String,
    /// The origins of other sites whose pages may read answers, each exactly as browsers spell it.
    pub origins: Arc<[String]>,
    /// The proxies whose word is taken on where a request comes from.
    pub trusted_proxies: Arc<[IpNet]>,
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
