//! The request ID that the log shows. A valid `X-Request-Id` or trace ID in `traceparent` from a proxy is kept, so that
//! all logs share one ID.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::trace_context::TraceContext;

/// `X-Request-Id`.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The ID of a request, stored in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// The request's `X-Request-Id` if it has 1 to 64 letters, digits, `.`, `_` and `-`; otherwise its trace ID (W3C
    /// Trace Context, section 3.2); otherwise a new ID. Other values could forge log lines.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(id) = only(headers).filter(|id| is_safe(id)) {
            return Self(id.to_owned());
        }
        let trace = TraceContext::of(headers).map(|trace| Uuid::from_u128(trace.trace_id));
        Self(trace.unwrap_or_else(Uuid::new_v4).simple().to_string())
    }

    /// The ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ID as a header value.
    #[must_use]
    pub fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// The value of `X-Request-Id`, if it occurs exactly once.
fn only(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(HEADER).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

fn is_safe(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_ids_are_kept() {
        assert!(is_safe("01J-a.b_c"));
        for bad in ["", "a b", "a\nb", "é", &"x".repeat(65), "<script>"] {
            assert!(!is_safe(bad), "{bad:?}");
        }
    }

    #[test]
    fn request_id_precedes_trace_and_duplicates_are_ignored() {
        const TRACE: HeaderName = HeaderName::from_static("traceparent");
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let id = |pairs: &[(&HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            RequestId::of(&headers).0
        };
        assert_eq!(id(&[(&HEADER, "mine"), (&TRACE, parent)]), "mine");
        assert_eq!(id(&[(&HEADER, "no id"), (&TRACE, parent)]), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(id(&[(&HEADER, "one"), (&HEADER, "two")]), "one");
    }
}
