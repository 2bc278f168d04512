//! The refresh token in a cookie (RFC 6265bis): its name, scope and expiry, and which pages may use it.
//!
//! The check of `Origin` refuses requests of pages of other origins, and a request without `Origin` does not come from a
//! page: its cookie is ignored. Beside that check, `SameSite=Strict` keeps other sites' requests from sending the cookie.
//! With `SameSite=None` the check alone decides, and `Partitioned` (CHIPS) gives each site a cookie of its own.

use axum::http::{HeaderMap, HeaderValue, header};
use fieldguard_api::sessions::refresh_cookie::{Change, Presented};
use fieldguard_http::{
    origin::{self, Origin, path},
    settings::Settings,
};

use crate::config::SameSite;

const NAME: &str = "fieldguard-refresh";
/// Browsers accept a cookie with this prefix only over TLS. `__Host-` would send it to every path.
const NAME_OVER_TLS: &str = "__Secure-fieldguard-refresh";

/// The refresh cookie that a request presents.
#[must_use]
pub fn presented(headers: &HeaderMap, settings: &Settings, same_site: SameSite) -> Presented {
    let cookie = cookie(headers, name(settings));
    match (origin::of(headers, settings), cookie) {
        (Origin::Allowed, Some(token)) => Presented::Token(token.to_owned()),
        (Origin::Allowed | Origin::Absent, None) if !keeps_secure_cookies(headers, settings) => Presented::WithoutTls,
        (origin, None) if same_site == SameSite::Strict && is_cross_site(headers) => {
            Presented::CrossSite { is_foreign: matches!(origin, Origin::Foreign) }
        }
        (Origin::Foreign, _) | (Origin::Absent, Some(_)) => Presented::ForeignOrigin,
        (Origin::Allowed | Origin::Absent, None) => Presented::Nothing,
    }
}

/// The value of `Set-Cookie` for the change. `None` if the token contains bytes that no header can hold, which this
/// server's tokens never do.
#[must_use]
pub fn header(change: &Change, settings: &Settings, same_site: SameSite) -> Option<HeaderValue> {
    let name = name(settings);
    let (value, until) = match change {
        Change::Set { token, expires_at } => {
            (token.as_str(), format!("Expires={}", expires_at.format("%a, %d %b %Y %H:%M:%S GMT")))
        }
        Change::Clear => ("", "Max-Age=0".to_owned()),
    };
    let path = format!("{}/graphql", path(&settings.public_url));
    let scope = match same_site {
        SameSite::Strict => "SameSite=Strict",
        SameSite::None => "SameSite=None; Partitioned",
    };
    HeaderValue::from_str(&format!("{name}={value}; Path={path}; {until}; HttpOnly; Secure; {scope}")).ok()
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

/// Whether browsers keep a `Secure` cookie of this server: over TLS, and from the machine itself. A page that was loaded
/// over TLS reaches the server over TLS too, whatever the settings say: browsers block anything else.
fn keeps_secure_cookies(headers: &HeaderMap, settings: &Settings) -> bool {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    settings.public_url.starts_with("https://")
        || value(header::HOST).is_some_and(origin::is_local)
        || value(header::ORIGIN).is_some_and(|origin| origin.starts_with("https://"))
}

/// Whether the browser reports that a page of another site sent the request (Fetch Metadata, section 2.3).
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|value| value == "cross-site")
}
