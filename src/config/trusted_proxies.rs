//! The proxies that are trusted to name the client.

use std::net::IpAddr;

use ipnet::IpNet;

use super::value::{Kind, Value};

/// Addresses and networks of proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The networks. A single address is a network of size one.
    #[must_use]
    pub fn as_slice(&self) -> &[IpNet] {
        &self.0
    }
}

impl Value for TrustedProxies {
    const PLACEHOLDER: &'static str = "ADDRESS,…";
    const KIND: Kind = Kind::List;

    fn parse(text: &str) -> Result<Self, String> {
        let networks: Option<Vec<_>> = text.split(',').map(|part| network(part.trim())).collect();
        let networks = networks.ok_or_else(|| {
            "contains a value that is neither an IP address nor a network, such as `127.0.0.1` or `10.0.0.0/8`"
                .to_owned()
        })?;
        if networks.iter().any(|network| network.prefix_len() == 0) {
            return Err("must not trust the whole internet: any client could then forge its address".to_owned());
        }
        Ok(Self(networks))
    }

    fn show(&self) -> Option<String> {
        let texts: Vec<_> = self
            .0
            .iter()
            .map(|network| if is_one(network) { network.addr().to_string() } else { network.to_string() })
            .collect();
        (!texts.is_empty()).then(|| texts.join(","))
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(|address| address.to_canonical().into()))
}

fn is_one(network: &IpNet) -> bool {
    network.prefix_len() == network.max_prefix_len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_accepted() {
        let proxies = TrustedProxies::parse("127.0.0.1, ::1,10.0.0.0/8,2001:db8::/32").unwrap();
        assert_eq!(proxies.as_slice().len(), 4);
        assert_eq!(proxies.show().unwrap(), "127.0.0.1,::1,10.0.0.0/8,2001:db8::/32");
        for bad in ["", "proxy.example.org", "10.0.0.0/33", "10.0.0", "*", "0.0.0.0/0", "::/0", "127.0.0.1,"] {
            assert!(TrustedProxies::parse(bad).is_err(), "{bad}");
        }
    }
}
