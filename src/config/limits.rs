//! Limits on the cost of a request (`[limits]`).

use std::time::Duration;

use fieldguard_guard::settings::Limits as DocumentLimits;

/// Limits on requests. Sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The limits on documents and on the responses to them.
    pub documents: DocumentLimits,
    /// The maximum time of one database access. Default 3.5 seconds.
    pub database: Duration,
    /// The maximum time to receive the headers of a request. Default 10 seconds.
    pub header_timeout: Duration,
    /// The maximum time to receive the body of a request. Default 10 seconds.
    pub body_timeout: Duration,
    /// The maximum time that a connection may stay idle. Default 60 seconds.
    pub idle_timeout: Duration,
    /// The maximum number of headers of a request. Default 100.
    pub headers: usize,
    /// The maximum size of all headers of a request. Default 16,384.
    pub header_bytes: usize,
    /// The maximum size of a URL, which contains the document in GET requests. Default 8,192.
    pub uri_bytes: usize,
    /// The maximum size of all responses that wait for their clients, over all connections. Default 67,108,864.
    pub pending_answer_bytes: usize,
    /// The maximum number of open connections. Default 10,000.
    pub connections: usize,
    /// The maximum number of registrations from one address per hour. Default 100.
    pub registrations_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            documents: DocumentLimits::default(),
            database: Duration::from_millis(3_500),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            headers: 100,
            header_bytes: 16_384,
            uri_bytes: 8_192,
            pending_answer_bytes: 67_108_864,
            connections: 10_000,
            registrations_per_hour: 100,
        }
    }
}
