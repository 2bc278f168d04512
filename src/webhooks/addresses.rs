//! Which addresses a receiver of webhooks may have. A receiver on a private network could otherwise be any service there
//! that trusts its neighbors (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRule {
    /// Addresses of the public internet only.
    Public,
    /// Private addresses only: over plain HTTP, others could read the events.
    Private,
    /// Every address.
    Any,
}

impl AddressRule {
    /// The rule for a receiver with or without TLS, if private addresses are allowed or not. `None` if there is no address
    /// that such a receiver may have.
    #[must_use]
    pub const fn new(is_https: bool, allows_private: bool) -> Option<Self> {
        match (is_https, allows_private) {
            (true, true) => Some(Self::Any),
            (true, false) => Some(Self::Public),
            (false, true) => Some(Self::Private),
            (false, false) => None,
        }
    }

    /// Whether a receiver may have this address.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::Private => !is_public(address),
            Self::Any => true,
        }
    }
}

/// Whether the address is one of the public internet, and of no special purpose (RFC 6890 and the registries of IANA).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // Private use and shared address space.
        [172, second, ..] if second & 0xf0 == 16 => true,
        [100, second, ..] if second & 0xc0 == 64 => true,
        // This network, private use, loopback, link-local; protocol assignments, documentation, relays of 6to4, benchmarks.
        [0 | 10 | 127, ..]
        | [169, 254, ..]
        | [192, 168, ..]
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..] => true,
        // Multicast, reserved, broadcast.
        [first, ..] => first >= 224,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        // The translation of an IPv4 address (RFC 6052), and an IPv4 address as IPv6.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0xffff, high, low] => is_public_v4(embedded(high, low)),
        // Protocol assignments such as Teredo, documentation, 6to4.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x2002, ..] => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // Global unicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_public(addresses: &str) -> Vec<&str> {
        addresses.split_whitespace().filter(|text| is_public(text.parse().unwrap())).collect()
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        let public = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 \
                      169.253.0.1 169.255.0.1 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.1 192.167.0.1 192.169.0.1 \
                      198.17.0.1 198.20.0.0 203.0.112.1 223.255.255.255 2001:200::1 2001:4860:4860::8888 2600::1 \
                      2a00:1450:4001::1 3fff:1000::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8";
        assert_eq!(are_public(public), public.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn addresses_of_special_purpose_are_not_public() {
        let special = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.9.9.9 \
                       169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 \
                       198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 \
                       :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::10.0.0.1 \
                       64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:1ff::1 2002:7f00:1::1 2002:808:808::1 \
                       3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 4000::1";
        assert_eq!(are_public(special), Vec::<&str>::new());
    }

    #[test]
    fn plain_http_is_for_private_addresses_only() {
        let (public, private) = ("8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap());
        let allowed = |https, allows_private| {
            AddressRule::new(https, allows_private).map(|rule| (rule.allows(public), rule.allows(private)))
        };
        assert_eq!(allowed(true, false), Some((true, false)));
        assert_eq!(allowed(true, true), Some((true, true)));
        assert_eq!(allowed(false, true), Some((false, true)));
        assert_eq!(allowed(false, false), None);
    }
}
