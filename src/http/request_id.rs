//! The id under which the log knows a request. A proxy's `X-Request-Id` is kept where it is harmless, so that one id
//! leads through all logs.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// `X-Request-Id`.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, kept in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// The id the request came with, where it is one: 1 to 64 letters, digits, `.`, `_` and `-`. Anything else could
    /// forge log lines, and a fresh one takes its place.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|it| it.to_str().ok()).filter(|it| is_harmless(it));
        Self(given.map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header's value.
    #[must_use]
    pub fn header_value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn is_harmless(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_kept() {
        assert!(is_harmless("01J-a.b_c"));
        for bad in ["", "a b", "a\nb", "é", &"x".repeat(65), "<script>"] {
            assert!(!is_harmless(bad), "{bad:?}");
        }
    }
}
