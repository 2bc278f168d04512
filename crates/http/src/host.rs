//! Checks the `Host` of a request (RFC 9112, section 3.2). This server ignores its value, but proxies and caches in
//! front of it may not: a request that two readers could assign to two hosts is rejected.

use std::net::Ipv6Addr;

use axum::{
    extract::Request,
    http::{StatusCode, Version, header},
};

use super::refusal::Refusal;

/// Rejects a request with more than one `Host`, with an invalid one, or, in HTTP/1.1, without one.
///
/// # Errors
///
/// A [`Refusal`] with the reason.
pub fn check(request: &Request) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let message = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() < Version::HTTP_11 => return Ok(()),
        (None, _) => "The request needs a `Host` header.",
        (Some(_), Some(_)) => "The request must not have more than one `Host` header.",
        (Some(host), None) if host.to_str().is_ok_and(is_valid) => return Ok(()),
        (Some(_), None) => "The `Host` header must be a host name or an IP address, and may end with a port.",
    };
    Err(Refusal::bad_request(StatusCode::BAD_REQUEST, message).closing())
}

/// A host with an optional port (RFC 3986, section 3.2). An `http` URI has no empty host (RFC 9110, section 4.2.1).
fn is_valid(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let ends = rest.split_once(']');
        return ends.is_some_and(|(address, rest)| address.parse::<Ipv6Addr>().is_ok() && is_port(rest));
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    !name.is_empty() && is_name(name) && is_port(port)
}

/// Whether every byte is valid in a name (RFC 3986, section 3.2.2). A percent sign must precede two hexadecimal digits.
fn is_name(text: &str) -> bool {
    let mut parts = text.split('%');
    let is_plain =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte));
    let begins_in_hex = |part: &str| part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    parts.next().is_some_and(is_plain) && parts.all(|part| begins_in_hex(part) && is_plain(part))
}

fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    port.is_empty() || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_a_name_or_address_with_optional_port() {
        for host in [
            "x",
            "id.example.org",
            "id.example.org:443",
            "127.0.0.1:4000",
            "[::1]",
            "[::1]:80",
            "a_b:",
            "xn--a",
            "a%2e",
        ] {
            assert!(is_valid(host), "{host}");
        }
        for host in [
            "", ":80", "a b", "a/b", "u@h", "a:b", "a:1:2", "a:99999", "a:+1", "[::1", "[x]", "[::1]x", "a?b", "a#b",
            "%zz", "a%2", "a%",
        ] {
            assert!(!is_valid(host), "{host}");
        }
    }
}
