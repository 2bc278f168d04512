//! What the wire is held to: times, sizes and origins. Where they are written is the business of `config`.

use std::{sync::Arc, time::Duration};

use ipnet::IpNet;

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

/// How long a client may take, by what it is to do.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To send the head of a request, from its first byte; of the first request, from the start of the connection.
    pub head: Duration,
    /// To send the body of a request.
    pub body: Duration,
    /// To send another request, or to take anything of an answer.
    pub idle: Duration,
}
