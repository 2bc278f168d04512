//! Problems with a connection or request that the listener answers itself.

use axum::http::StatusCode;
use tokio::task::JoinError;

/// Why the router does not answer a client. The connection closes after the rejection.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The head of the request is malformed, or its framing contradicts itself (RFC 9112, sections 2.2 and 6.3).
    MalformedHead,
    /// The head of the request exceeds the limit (RFC 6585, section 5).
    HeadTooLarge,
    /// The body has an unknown transfer coding (RFC 9112, section 6.1), so its end is unknown.
    UnknownTransferCoding,
    /// The head of the request did not arrive in time.
    HeadTooSlow,
    /// A proxy's connection does not begin with a header of the PROXY protocol.
    NoProxyHeader,
    /// The client speaks plain HTTP on a port with TLS.
    NoTls,
    /// The maximum number of connections is reached.
    NoRoom,
    /// The router panicked.
    Failed(JoinError),
}

impl Problem {
    /// The status of the rejection (RFC 9110, section 15).
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MalformedHead | Self::NoProxyHeader | Self::NoTls => StatusCode::BAD_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnknownTransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::HeadTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
