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
    let is_listed = settings.origins.iter().any(|known| known == origin);
    if is_public || is_actual || is_listed { Origin::Allowed } else { Origin::Foreign }
}

/// An attacker on the network can forge a page that is loaded without TLS, whatever its host, except on this machine.
fn may_be_forged(origin: &str) -> bool {
    let Some(authority) = origin.strip_prefix("http://") else { return false };
    let is_here = authority.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    !is_here && !matches!(authority.split(':').next(), Some("localhost" | "127.0.0.1"))
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
