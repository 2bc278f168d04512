//! The trace that a request belongs to, as the client or a proxy names it (W3C Trace Context, section 3.2).

use axum::http::{HeaderMap, HeaderName};

const HEADER: HeaderName = HeaderName::from_static("traceparent");

/// The bit of `flags` that says that the caller recorded the request.
const SAMPLED: u8 = 1;

/// A valid `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The ID of the trace.
    pub trace_id: u128,
    /// The ID of the caller's span.
    pub parent_id: u64,
    /// Whether the caller recorded its span.
    pub is_sampled: bool,
}

impl TraceContext {
    /// The trace of a request with these headers, if they name exactly one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(HEADER).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        Self::parse(value.to_str().ok()?)
    }

    /// Reads `version-trace-parent-flags`. Later versions may append fields.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_whole = version != "00" || parts.next().is_none();
        let (version, flags) = (hex(version, 2)?, hex(flags, 2)?);
        let (trace_id, parent_id) = (hex(trace, 32)?, u64::try_from(hex(parent, 16)?).ok()?);
        let is_valid = is_whole && version != 0xff && trace_id != 0 && parent_id != 0;
        is_valid.then_some(Self { trace_id, parent_id, is_sampled: flags & u128::from(SAMPLED) != 0 })
    }
}

/// A number of exactly `digits` lowercase hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hex { u128::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_traces_are_kept() {
        let (id, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let read = |flags| TraceContext {
            trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            parent_id: 0x00f0_67aa_0ba9_02b7,
            is_sampled: flags,
        };
        for (good, is_sampled) in [
            (format!("00-{id}-{span}-01"), true),
            (format!("00-{id}-{span}-00"), false),
            (format!("00-{id}-{span}-03"), true),
            (format!("01-{id}-{span}-01-more"), true),
        ] {
            assert_eq!(TraceContext::parse(&good), Some(read(is_sampled)), "{good}");
        }
        for bad in [
            format!("00-{id}-{span}"),
            format!("00-{id}-{span}-01-more"),
            format!("ff-{id}-{span}-01"),
            format!("00-{}-{span}-01", id.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{id}-{}-01", "0".repeat(16)),
            format!("00-{id}x-{span}-01"),
            format!("00-{id}-{span}-+1"),
            String::new(),
        ] {
            assert_eq!(TraceContext::parse(&bad), None, "{bad}");
        }
    }
}
