//! Classifies requests by their `Origin` header.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, header};

use crate::settings::Settings;

/// Whether a page sent a request, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// No page sent it.
    Absent,
    /// A page of this server or of a configured origin.
    Allowed,
    /// A page of another site.
    Foreign,
}

/// Classifies the request's origin. This server's own origin is its configured or its actual address.
#[must_use]
pub fn of(headers: &HeaderMap, settings: &Settings) -> Origin {
    if !headers.contains_key(header::ORIGIN) {
        return Origin::Absent;
    }
    let Some(origin) = single(headers, header::ORIGIN) else { return Origin::Foreign };
    let path = path(&settings.public_url);
    let is_public = settings.public_url.strip_suffix(path) == Some(origin);
    let is_actual = single(headers, header::HOST).is_some_and(|host| authority(origin) == Some(host))
        && !(settings.public_url.starts_with("https://") && may_be_forged(origin));
    if is_public || is_actual || is_listed(origin, &settings.origins) { Origin::Allowed } else { Origin::Foreign }
}

/// Whether one of the configured `origins` is this one. They are compared byte by byte, but `*` at the start of a configured
/// host stands for one label.
#[must_use]
pub fn is_listed(origin: &str, origins: &[String]) -> bool {
    origins.iter().any(|known| match known.split_once("://*.") {
        None => known == origin,
        Some((scheme, domain)) => {
            let host = origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
            host.and_then(|host| host.split_once('.')).is_some_and(|(label, rest)| rest == domain && is_label(label))
        }
    })
}

/// Whether browsers can spell a label of a host so (RFC 1123, section 2.1, in lower case).
fn is_label(text: &str) -> bool {
    let is_letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty() && text.bytes().all(|byte| is_letter_or_digit(byte) || matches!(byte, b'-' | b'_'))
}

/// An attacker on the network can forge a page that is loaded without TLS, whatever its host, except on this machine.
fn may_be_forged(origin: &str) -> bool {
    origin.strip_prefix("http://").is_some_and(|authority| !is_local(authority))
}

/// Whether a host, optionally with a port, is this machine in every client's eyes.
#[must_use]
pub fn is_local(authority: &str) -> bool {
    let is_loopback = authority.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    is_loopback || matches!(authority.split(':').next(), Some("localhost" | "127.0.0.1")) || authority == "[::1]"
}

fn authority(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

/// The path of a URL without a trailing slash: empty, or starting with a slash.
#[must_use]
pub fn path(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    url[start..].find('/').map_or("", |length| &url[start + length..])
}

fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let origins = ["https://app.example.org", "https://*.preview.example.org:8443", "capacitor://localhost"]
            .map(str::to_owned);
        let good = "https://app.example.org https://a.preview.example.org:8443 https://pr-7.preview.example.org:8443 capacitor://localhost";
        for good in good.split(' ') {
            assert!(is_listed(good, &origins), "{good}");
        }
        let bad = "https://preview.example.org:8443 https://a.b.preview.example.org:8443 https://.preview.example.org:8443 \
                   http://a.preview.example.org:8443 https://a.preview.example.org https://*.preview.example.org:8443 \
                   https://evil.example/.preview.example.org:8443 https://a@b.preview.example.org:8443 \
                   https://a.preview.example.org:8443.evil.example https://A.preview.example.org:8443 capacitor://localhost:1 null";
        for bad in bad.split_whitespace() {
            assert!(!is_listed(bad, &origins), "{bad}");
        }
    }
}
