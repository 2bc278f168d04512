//! The request ID that the log shows. A valid `X-Request-Id` or trace ID in `traceparent` from a proxy is kept, so that
//! all logs share one ID.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// `X-Request-Id`.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const TRACE: HeaderName = HeaderName::from_static("traceparent");

/// The ID of a request, stored in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// The request's `X-Request-Id` if it has 1 to 64 letters, digits, `.`, `_` and `-`; otherwise its trace ID (W3C
    /// Trace Context, section 3.2); otherwise a new ID. Other values could forge log lines.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let given = only(headers, &HEADER).filter(|id| is_safe(id));
        let given = given.or_else(|| only(headers, &TRACE).and_then(trace));
        Self(given.map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned))
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

/// The value of a header that occurs exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

/// The trace ID in `version-trace-parent-flags`. Later versions may append fields.
fn trace(parent: &str) -> Option<&str> {
    let is_hex =
        |text: &str, digits| text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, digits| is_hex(text, digits) && text.bytes().any(|byte| byte != b'0');
    let mut parts = parent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let whole = version != "00" || parts.next().is_none();
    let valid = whole && version != "ff" && is_hex(version, 2) && is_id(span, 16) && is_hex(flags, 2);
    (valid && is_id(trace, 32)).then_some(trace)
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
    fn only_valid_traces_are_kept() {
        let (id, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        for good in [format!("00-{id}-{span}-01"), format!("01-{id}-{span}-01-more")] {
            assert_eq!(trace(&good), Some(id), "{good}");
        }
        for bad in [
            format!("00-{id}-{span}"),
            format!("00-{id}-{span}-01-more"),
            format!("ff-{id}-{span}-01"),
            format!("00-{}-{span}-01", id.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{id}-{}-01", "0".repeat(16)),
            format!("00-{id}x-{span}-01"),
            String::new(),
        ] {
            assert_eq!(trace(&bad), None, "{bad}");
        }
    }

    #[test]
    fn request_id_precedes_trace_and_duplicates_are_ignored() {
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
