//! Where a request comes from: the peer, or whom a trusted proxy names in `X-Forwarded-For`.
//!
//! Each proxy adds its own peer at the right end of that header; everything further left may have been written by anyone.
//! So the client is the rightmost address that is no trusted proxy's. `Forwarded` (RFC 7239) is not read: a proxy that
//! writes the one and passes the other through would let clients choose.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const HEADER: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address. The peer's where it is no trusted proxy, or where what it says cannot be read.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|it| it.contains(address));
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

/// An address, with or without a port: some proxies add it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()));
    parsed.map(|it: IpAddr| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(peer: &str, values: &[&'static str]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "127.0.0.1/32", "::1/128"].map(|it| it.parse().unwrap()).to_vec();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_static(value));
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(of("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("::ffff:127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn the_client_is_the_rightmost_that_is_no_proxy() {
        assert_eq!(of("127.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.7", "10.0.0.8"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["10.0.0.7,10.0.0.8"]), "10.0.0.7");
        assert_eq!(of("127.0.0.1", &["198.51.100.1:51234"]), "198.51.100.1");
        assert_eq!(of("127.0.0.1", &["[2001:db8::1]:51234"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_cannot_be_read_is_the_peers() {
        for value in ["", "unknown", "198.51.100.1,", "198.51.100", "198.51.100.1 10.0.0.7", "_hidden", "\u{7f}"] {
            let Ok(_) = HeaderValue::from_str(value) else { continue };
            assert_eq!(of("127.0.0.1", &[value]), "127.0.0.1", "{value}");
        }
        assert_eq!(of("127.0.0.1", &["garbage, 198.51.100.1"]), "198.51.100.1", "that far is not read");
    }
}
