//! The client's address: the peer, or the address that a trusted proxy reports in `X-Forwarded-For`.
//!
//! Each proxy appends its peer to that header; the client may have sent everything further left. So the client is the
//! rightmost address that is not a trusted proxy. `Forwarded` (RFC 7239) is not read: a proxy that writes one header
//! and passes the other through would let clients choose their address.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const HEADER: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address. It is the peer's if the peer is not a trusted proxy or the header can't be parsed.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    if !is_trusted(&peer) {
        return peer;
    }
    let mut client = peer;
    for value in headers.get_all(HEADER).iter().rev() {
        let Ok(value) = value.to_str() else { return peer };
        for entry in value.rsplit(',') {
            let Some(address) = address(entry.trim()) else { return peer };
            client = address;
            if !is_trusted(&client) {
                return client;
            }
        }
    }
    client
}

/// Parses an address. Some proxies add a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    parsed.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(peer: &str, values: &[&'static str]) -> String {
        let trusted: Vec<IpNet> =
            ["10.0.0.0/8", "127.0.0.1/32", "::1/128"].map(|network| network.parse().unwrap()).to_vec();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_static(value));
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn header_is_read_only_from_trusted_proxies() {
        assert_eq!(of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(of("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("::ffff:127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn client_is_the_rightmost_untrusted_address() {
        assert_eq!(of("127.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.7", "10.0.0.8"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["10.0.0.7,10.0.0.8"]), "10.0.0.7");
        assert_eq!(of("127.0.0.1", &["198.51.100.1:51234"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["[2001:db8::1]:51234"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn malformed_headers_yield_the_peer() {
        for value in ["", "unknown", "198.51.100.1,", "198.51.100", "198.51.100.1 10.0.0.7", "_hidden", "\u{7f}"] {
            let Ok(_) = HeaderValue::from_str(value) else { continue };
            assert_eq!(of("127.0.0.1", &[value]), "127.0.0.1", "{value}");
        }
        assert_eq!(
            of("127.0.0.1", &["garbage, 198.51.100.1"]),
            "198.51.100.1",
            "addresses left of the client are not parsed"
        );
    }
}
