//! The id under which the log knows a request. A proxy's `X-Request-Id`, or else the trace of its `traceparent`, is kept
//! where it is harmless, so that one id leads through all logs.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// `X-Request-Id`.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const TRACE: HeaderName = HeaderName::from_static("traceparent");

/// The id of a request, kept in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// The id the request came with, where it is one: 1 to 64 letters, digits, `.`, `_` and `-`; else the trace it belongs
    /// to (W3C Trace Context, section 3.2). Anything else could forge log lines, and a fresh id takes its place.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let given = only(headers, &HEADER).filter(|it| is_harmless(it));
        let given = given.or_else(|| only(headers, &TRACE).and_then(trace));
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

/// The value of a header that is given once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

/// The trace's id in `version-trace-parent-flags`. A later version may have more at the end.
fn trace(parent: &str) -> Option<&str> {
    let is_hex =
        |text: &str, digits| text.len() == digits && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, digits| is_hex(text, digits) && text.bytes().any(|it| it != b'0');
    let mut parts = parent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let whole = version != "00" || parts.next().is_none();
    let valid = whole && version != "ff" && is_hex(version, 2) && is_id(span, 16) && is_hex(flags, 2);
    (valid && is_id(trace, 32)).then_some(trace)
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

    #[test]
    fn only_whole_traces_are_kept() {
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
    fn the_id_comes_before_the_trace_and_two_are_none() {
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
