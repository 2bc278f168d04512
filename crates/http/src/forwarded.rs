//! The client's address: the peer, or the address that a trusted proxy reports in `X-Forwarded-For` or in `Forwarded`
//! (RFC 7239).
//!
//! Each proxy appends its peer to that header; the client may have sent everything further left. So the client is the
//! rightmost address that is not a trusted proxy. Only one of the two headers is read: a proxy that writes one and passes
//! the other through would let clients choose their address.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use crate::settings::{ClientAddress, Settings};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address. It is the peer's if the peer is not a trusted proxy or the header can't be parsed.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> IpAddr {
    let (peer, trusted) = (peer.to_canonical(), &settings.trusted_proxies);
    if !is_trusted(peer, trusted) {
        return peer;
    }
    match settings.client_address {
        ClientAddress::XForwardedFor => rightmost(peer, entries(headers, &X_FORWARDED_FOR, address), trusted),
        ClientAddress::Forwarded => rightmost(peer, entries(headers, &header::FORWARDED, node), trusted),
        // The listener has read it.
        ClientAddress::ProxyProtocol => peer,
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// The entries of a header from right to left. `None` is one that is not an address.
fn entries<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    parse: fn(&str) -> Option<IpAddr>,
) -> impl Iterator<Item = Option<IpAddr>> + use<'a> {
    // A byte that is not ASCII makes its value one entry that can't be parsed.
    let values = headers.get_all(name).iter().rev().map(|value| value.to_str().unwrap_or_default());
    values.flat_map(|value| value.rsplit(',')).map(move |entry| parse(entry.trim()))
}

fn rightmost(peer: IpAddr, entries: impl Iterator<Item = Option<IpAddr>>, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for entry in entries {
        let Some(address) = entry else { return peer };
        client = address;
        if !is_trusted(client, trusted) {
            break;
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

/// Parses an element of `Forwarded`, such as `for="[2001:db8::1]:51234";proto=https`.
fn node(text: &str) -> Option<IpAddr> {
    let element = rfc7239::parse(text).next()?.ok()?;
    element.forwarded_for?.ip().map(IpAddr::to_canonical)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(peer: &str, values: &[&'static str]) -> String {
        from(ClientAddress::XForwardedFor, &X_FORWARDED_FOR, peer, values)
    }

    fn from(source: ClientAddress, header: &HeaderName, peer: &str, values: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8", "127.0.0.1/32", "::1/128"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header, HeaderValue::from_static(value));
        }
        let settings = Settings { trusted_proxies: trusted.into(), client_address: source, ..Settings::default() };
        client(peer.parse().unwrap(), &headers, &settings).to_string()
    }

    #[test]
    fn forwarded_is_read_instead_if_configured() {
        let of = |values: &[&'static str]| from(ClientAddress::Forwarded, &header::FORWARDED, "127.0.0.1", values);
        assert_eq!(of(&["for=198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            of(&["for=1.1.1.1, For=\"198.51.100.1:51234\";proto=https;by=10.0.0.7, for=10.0.0.7"]),
            "198.51.100.1"
        );
        assert_eq!(of(&["for=1.1.1.1", "by=10.0.0.7;for=\"[2001:db8::1]:51234\";host=a.example"]), "2001:db8::1");
        assert_eq!(of(&["for=\"[::ffff:198.51.100.1]\""]), "198.51.100.1");
        for hidden in ["for=unknown", "for=_hidden", "for=_SEVKISEK", "proto=https", "", "for=", "198.51.100.1", "for"]
        {
            assert_eq!(of(&[hidden]), "127.0.0.1", "{hidden}");
        }
    }

    #[test]
    fn only_the_configured_header_is_read() {
        let (forwarded, x) = (["for=198.51.100.1"], ["198.51.100.1"]);
        assert_eq!(from(ClientAddress::XForwardedFor, &header::FORWARDED, "127.0.0.1", &forwarded), "127.0.0.1");
        assert_eq!(from(ClientAddress::Forwarded, &X_FORWARDED_FOR, "127.0.0.1", &x), "127.0.0.1");
        for (name, value) in [(&header::FORWARDED, &forwarded), (&X_FORWARDED_FOR, &x)] {
            assert_eq!(from(ClientAddress::ProxyProtocol, name, "127.0.0.1", value), "127.0.0.1");
        }
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
