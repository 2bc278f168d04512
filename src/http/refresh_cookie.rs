//! The refresh token in a cookie (RFC 6265bis): named, scoped and dated here, and taken only from pages that may use it.
//!
//! `SameSite=Strict` keeps other sites' requests from bringing it; the check of `Origin` keeps those of other origins of the
//! same site from using it. A request without `Origin` is not a page's, and brings no cookie that counts.

use axum::http::{HeaderMap, HeaderValue, header};
use fieldguard_api::sessions::refresh_cookie::{Change, Presented};
use fieldguard_http::{
    origin::{self, Origin, path},
    settings::Settings,
};

const NAME: &str = "fieldguard-refresh";
/// A browser takes a cookie of such a name over TLS only. `__Host-` would bring it to every path.
const NAME_OVER_TLS: &str = "__Secure-fieldguard-refresh";

/// What a request brings.
#[must_use]
pub fn presented(headers: &HeaderMap, settings: &Settings) -> Presented {
    let cookie = cookie(headers, name(settings));
    match (origin::of(headers, settings), cookie) {
        (Origin::Allowed, Some(token)) => Presented::Token(token.to_owned()),
        (origin, None) if is_cross_site(headers) => {
            Presented::CrossSite { is_foreign: matches!(origin, Origin::Foreign) }
        }
        (Origin::Foreign, _) | (Origin::Absent, Some(_)) => Presented::ForeignOrigin,
        (Origin::Allowed | Origin::Absent, None) => Presented::Nothing,
    }
}

/// The value of `Set-Cookie` that makes the change; nothing where a token has bytes that no header holds, as none of ours
/// has.
#[must_use]
pub fn header(change: &Change, settings: &Settings) -> Option<HeaderValue> {
    let name = name(settings);
    let (value, until) = match change {
        Change::Set { token, expires_at } => {
            (token.as_str(), format!("Expires={}", expires_at.format("%a, %d %b %Y %H:%M:%S GMT")))
        }
        Change::Clear => ("", "Max-Age=0".to_owned()),
    };
    let path = format!("{}/graphql", path(&settings.public_url));
    HeaderValue::from_str(&format!("{name}={value}; Path={path}; {until}; HttpOnly; Secure; SameSite=Strict")).ok()
}

fn name(settings: &Settings) -> &'static str {
    if settings.public_url.starts_with("https://") { NAME_OVER_TLS } else { NAME }
}

/// The cookie of that name. Of two neither counts: the other may have been planted by a neighboring host.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pairs = fields.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    let mut found = pairs.filter(|(it, _)| *it == name).map(|(_, value)| value);
    found.next().filter(|_| found.next().is_none())
}

/// Whether the browser says that a page of another site sent the request (Fetch Metadata, section 2.3).
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|value| value == "cross-site")
}
