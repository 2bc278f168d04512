//! Why a client gets no answer of the router.

use axum::http::StatusCode;
use tokio::task::JoinError;

/// Why a client gets no answer of the router. Its connection ends after the refusal.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The head of the request is malformed, or its framing contradicts itself (RFC 9112, sections 2.2 and 6.3).
    MalformedHead,
    /// The head of the request is larger than is read (RFC 6585, section 5).
    HeadTooLarge,
    /// The body comes in a coding that is not known (RFC 9112, section 6.1). Where the body ends is not known then.
    UnknownTransferCoding,
    /// The head of the request did not arrive in time.
    HeadTooSlow,
    /// There is no room for another connection.
    NoRoom,
    /// The router panicked.
    Failed(JoinError),
}

impl Problem {
    /// The status of the refusal (RFC 9110, section 15).
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MalformedHead => StatusCode::BAD_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnknownTransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::HeadTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
