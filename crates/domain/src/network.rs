//! Networks: which IP addresses count as one client. The HTTP layer finds out the address of a request.

use std::{fmt, net::IpAddr};

use super::session::Client;

/// The leading bits of an IPv6 address that identify a customer. The customer chooses the other bits freely.
const IPV6_BITS: u32 = 64;

/// One network: an IPv4 address, or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of the client, if its address is known.
    #[must_use]
    pub fn of(client: &Client) -> Option<Self> {
        client.ip_address.as_deref()?.parse().ok().map(Self::containing)
    }

    /// The network of the address.
    #[must_use]
    pub fn containing(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(ipv6) if !ipv6.is_loopback() => {
                let prefix = ipv6.to_bits() >> (128 - IPV6_BITS) << (128 - IPV6_BITS);
                Self(IpAddr::V6(prefix.into()))
            }
            other => Self(other),
        }
    }

    /// Whether the address is a loopback address.
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
    fn an_ipv4_address_and_an_ipv6_64_are_one_network() {
        let of = |text: &str| Network::containing(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert!(of("::1").is_loopback() && of("127.0.0.9").is_loopback() && of("::ffff:127.0.0.1").is_loopback());
        assert!(!of("::2").is_loopback());
    }
}
