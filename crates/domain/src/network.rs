//! Networks: what counts as one place on the internet. Which address a request came from is found out by the wire.

use std::{fmt, net::IpAddr};

use super::session::Client;

/// The leading bits of an IPv6 address that name a customer; he chooses the others himself, as often as he likes.
const IPV6_BITS: u32 = 64;

/// One place: an IPv4 address, or a /64 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Where the client is, where that is known.
    #[must_use]
    pub fn of(client: &Client) -> Option<Self> {
        client.ip_address.as_deref()?.parse().ok().map(Self::containing)
    }

    /// Where the address is.
    #[must_use]
    pub fn containing(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(it) if !it.is_loopback() => {
                let prefix = it.to_bits() >> (128 - IPV6_BITS) << (128 - IPV6_BITS);
                Self(IpAddr::V6(prefix.into()))
            }
            other => Self(other),
        }
    }

    /// Is it this machine?
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.is_loopback()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv4_and_a_64_of_ipv6_are_one_place() {
        let of = |text: &str| Network::containing(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert!(of("::1").is_loopback() && of("127.0.0.9").is_loopback() && of("::ffff:127.0.0.1").is_loopback());
        assert!(!of("::2").is_loopback());
    }
}
