//! What clients are held to.

use std::time::Duration;

use axum::http::Response;

use crate::Problem;

/// Says what the server answers where there is no request, or no answer from the router: status, headers and body. `Date`,
/// `Content-Length` and `Connection` are added.
pub type Refuse = fn(&Problem) -> Response<String>;

/// What clients are held to, and what they are told.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long a client may take.
    pub timeouts: Timeouts,
    /// Headers of a request. Twice as many are read, so that the router may refuse in its own words what is beyond.
    pub headers: usize,
    /// Bytes of the head of a request. More are read, as of the headers.
    pub head_bytes: usize,
    /// Connections open at once.
    pub connections: usize,
    /// What is answered where the router does not answer.
    pub refuse: Refuse,
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
