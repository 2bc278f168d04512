//! The refresh token in a cookie (RFC 6265bis): its name, scope and expiry, and which pages may use it.
//!
//! `SameSite=Strict` keeps requests of other sites from sending the cookie. The check of `Origin` refuses requests of
//! other origins on the same site. A request without `Origin` does not come from a page, and its cookie is ignored.

use axum::http::{HeaderMap, HeaderValue, header};
use fieldguard_api::sessions::refresh_cookie::{Change, Presented};
use fieldguard_http::{
    origin::{self, Origin, path},
    settings::Settings,
};

const NAME: &str = "fieldguard-refresh";
/// Browsers accept a cookie with this prefix only over TLS. `__Host-` would send it to every path.
const NAME_OVER_TLS: &str = "__Secure-fieldguard-refresh";

/// The refresh cookie that a request presents.
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

/// The value of `Set-Cookie` for the change. `None` if the token contains bytes that no header can hold, which this
/// server's tokens never do.
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

/// The cookie with this name. If there are two, neither counts: a neighboring host may have planted the other.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    found.next().filter(|_| found.next().is_none())
}

/// Whether the browser reports that a page of another site sent the request (Fetch Metadata, section 2.3).
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|value| value == "cross-site")
}
