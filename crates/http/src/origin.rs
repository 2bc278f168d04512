//! Whose page sent a request, as its `Origin` says.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, header};

use crate::settings::Settings;

/// Whose page sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is not a page's.
    Absent,
    /// This server's, or one of those on the list.
    Allowed,
    /// Another's.
    Foreign,
}

/// Whose page sent the request: this server's own, by its configured or its actual address, or one on the list.
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
    let is_listed = settings.origins.iter().any(|it| it == origin);
    if is_public || is_actual || is_listed { Origin::Allowed } else { Origin::Foreign }
}

/// A page without TLS can be that of anyone who sits on the way to it, whatever its host, unless that is this machine.
fn may_be_forged(origin: &str) -> bool {
    let Some(authority) = origin.strip_prefix("http://") else { return false };
    let is_here = authority.parse::<SocketAddr>().is_ok_and(|it| it.ip().is_loopback());
    !is_here && !matches!(authority.split(':').next(), Some("localhost" | "127.0.0.1"))
}

fn authority(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

/// The path of an address that ends with no slash: empty, or with a slash at its start.
#[must_use]
pub fn path(url: &str) -> &str {
    let start = url.find("://").map_or(0, |it| it + 3);
    url[start..].find('/').map_or("", |it| &url[start + it..])
}

fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}
