//! The address of the server itself, as clients see it.

use std::net::Ipv6Addr;

use super::value::{Kind, Value};

/// The address under which clients reach the server: `http://` or `https://`, a host, perhaps a path, no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether clients reach the server over TLS, which a proxy in front of it speaks.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl Value for PublicUrl {
    const PLACEHOLDER: &'static str = "URL";
    const KIND: Kind = Kind::Text;
    // It is refused for holding a password, which must not be repeated.
    const ECHO: bool = false;

    fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        if rest.contains(['@', '?', '#']) {
            return Err("may hold no user, no password, no query and no fragment".to_owned());
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_authority(authority) || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                "is not an `http://` or `https://` address with a host, such as `https://id.example.org`".to_owned()
            );
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    fn show(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// A host, in brackets where it is an IPv6 address, and perhaps a port (RFC 3986 section 3.2, without user information).
pub(super) fn is_authority(text: &str) -> bool {
    let has_port = |port: &str| port.is_empty() || port.strip_prefix(':').is_some_and(|it| it.parse::<u16>().is_ok());
    if let Some((host, port)) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        return host.parse::<Ipv6Addr>().is_ok() && has_port(port);
    }
    let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && has_port(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loses_the_slash_at_its_end() {
        assert_eq!(PublicUrl::parse("https://id.example.org/auth/").unwrap().as_str(), "https://id.example.org/auth");
    }

    #[test]
    fn has_a_scheme_and_a_host_and_no_more_than_a_path() {
        for good in ["http://localhost:4000", "https://[::1]:8443/a/b", "https://xn--bcher-kva.example"] {
            assert_eq!(PublicUrl::parse(good).unwrap().as_str(), good);
        }
        let bad = "id.example.org /path ftp://host http:// https:///path https://h:port https://h:99999 https://[x] \
                   https://u:p@h https://h?q https://h#f https://b\u{fc}cher.example";
        for bad in bad.split(' ').chain(["", "https://a b", "https://h/a b", "https://h/\n"]) {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
