//! The `Host` of a request (RFC 9112, section 3.2). This server answers the same whatever it says, but proxies and caches before it
//! may not: a request that two readers take for requests to two hosts is refused.

use std::net::Ipv6Addr;

use axum::{
    extract::Request,
    http::{StatusCode, Version, header},
};

use super::refusal::Refusal;

/// Refuses a request with more than one `Host`, with an invalid one, or, in HTTP/1.1, with none.
///
/// # Errors
///
/// A [`Refusal`] that says which.
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

/// A host and perhaps a port (RFC 3986, section 3.2). An `http` URI has no empty host (RFC 9110, section 4.2.1).
fn is_valid(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let ends = rest.split_once(']');
        return ends.is_some_and(|(address, rest)| address.parse::<Ipv6Addr>().is_ok() && is_port(rest));
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte);
    !name.is_empty() && name.bytes().all(is_of_a_name) && is_port(port)
}

fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    port.is_empty() || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in
            ["x", "id.example.org", "id.example.org:443", "127.0.0.1:4000", "[::1]", "[::1]:80", "a_b:", "xn--a"]
        {
            assert!(is_valid(host), "{host}");
        }
        for host in
            ["", ":80", "a b", "a/b", "u@h", "a:b", "a:1:2", "a:99999", "a:+1", "[::1", "[x]", "[::1]x", "a?b", "a#b"]
        {
            assert!(!is_valid(host), "{host}");
        }
    }
}
