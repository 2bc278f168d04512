//! The address of a server, as its clients use it.

use std::net::Ipv6Addr;

use super::value::{Kind, Value};

/// An address: `http://` or `https://`, a host, optionally a path, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The address, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host name or IP address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => authority.split(':').next().unwrap_or_default(),
        }
    }

    /// Whether clients reach the server over TLS, through a proxy in front of it or directly.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl Value for HttpUrl {
    const PLACEHOLDER: &'static str = "URL";
    const KIND: Kind = Kind::Text;
    // An address with a password is refused, and the error must not repeat it.
    const ECHO: bool = false;

    fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        if rest.contains(['@', '?', '#']) {
            return Err("must not contain a user, a password, a query or a fragment".to_owned());
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
        if !is_authority(authority) {
            return Err(
                "must be an `http://` or `https://` address with a host, such as `https://id.example.org`".to_owned()
            );
        }
        if !path.is_none_or(|path| path.split('/').all(is_segment)) {
            return Err("must have a path of names with letters, digits, `-`, `.`, `_` and `~`, such as \
                        `https://example.org/auth`"
                .to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// A part of a path that proxies, browsers and cookies spell the same way (RFC 3986, section 2.3), and that is not
/// removed when a URL is resolved.
fn is_segment(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !matches!(text, "" | "." | "..") && text.bytes().all(is_plain)
}

/// A host (an IPv6 address in brackets) and an optional port (RFC 3986 section 3.2, without user information).
pub(super) fn is_authority(text: &str) -> bool {
    let has_port =
        |port: &str| port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if let Some((host, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
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
    fn the_trailing_slash_is_removed() {
        assert_eq!(HttpUrl::parse("https://id.example.org/auth/").unwrap().as_str(), "https://id.example.org/auth");
    }

    #[test]
    fn host_is_without_port_and_path() {
        for (url, host) in
            [("https://id.example.org:8443/auth", "id.example.org"), ("http://[::1]:80", "::1"), ("http://h/", "h")]
        {
            assert_eq!(HttpUrl::parse(url).unwrap().host(), host);
        }
    }

    #[test]
    fn only_a_scheme_a_host_and_a_path_are_accepted() {
        for good in ["http://localhost:4000", "https://[::1]:8443/a-1/b_~.c", "https://xn--bcher-kva.example"] {
            assert_eq!(HttpUrl::parse(good).unwrap().as_str(), good);
        }
        let bad = "id.example.org /path ftp://host http:// https:///path https://h:port https://h:99999 https://[x] \
                   https://u:p@h https://h?q https://h#f https://b\u{fc}cher.example https://h/a//b \
                   https://h/a// https://h// https://h/. https://h/a/../b https://h/{a} https://h/*a https://h/a%2fb \
                   https://h/a;b";
        for bad in bad.split(' ').chain(["", "https://a b", "https://h/a b", "https://h/\n"]) {
            assert!(HttpUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
