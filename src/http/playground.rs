//! The playground: GraphiQL with a sign-in panel, embedded in the binary. Its sources are in `playground/`, and
//! `build.rs` bundles them. [`super::page`] decides whether it is shown.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fieldguard_http::refusal::{self, Refusal};
use uuid::Uuid;

use super::HttpState;

/// The playground of this build.
struct Playground {
    /// The page, with `{nonce}` for the nonce of styles, `{notice}` for a notice to the operator and `{base}` for the path
    /// of the public URL.
    page: &'static str,
    assets: &'static [Asset],
}

/// A file of the playground. Its name contains a hash of its content, so a response never changes.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    gzip: &'static [u8],
}

// `static PLAYGROUND: Option<Playground>`: `None` if it was built without npm.
include!(concat!(env!("OUT_DIR"), "/playground.rs"));

/// Whether this build has the playground.
#[must_use]
pub fn is_built() -> bool {
    PLAYGROUND.is_some()
}

/// The page with the HTML `notice` and links below the path `base`, and the content security policy to send with it.
/// `None` if this build has no playground.
#[must_use]
pub fn page(notice: &str, base: &str) -> Option<(String, HeaderValue)> {
    let playground = PLAYGROUND.as_ref()?;
    let nonce = STANDARD.encode(Uuid::new_v4().as_bytes());
    let policy = HeaderValue::from_str(&policy(&nonce)).ok()?;
    let page = playground.page.replace("{nonce}", &nonce).replace("{notice}", notice).replace("{base}", base);
    Some((page, policy))
}

/// Allows only resources of this server, and the fonts and images embedded in the style sheet of GraphiQL. Scripts come
/// only from files. One part of GraphiQL adds a style element while a dialog is open. It knows the nonce, so that
/// `'unsafe-inline'` is not needed.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; \
         img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// `GET /playground/{name}`.
pub async fn asset(State(state): State<HttpState>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let assets = PLAYGROUND.as_ref().filter(|_| state.playground).map_or(&[][..], |playground| playground.assets);
    let Some(asset) = assets.iter().find(|asset| asset.name == name) else {
        return refusal::not_found().await.into_response();
    };
    if !accepts_gzip(&headers) {
        return Refusal::only_gzip().into_response();
    }
    let head = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CONTENT_ENCODING, "gzip"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    (head, asset.gzip).into_response()
}

/// Whether the client accepts gzip (RFC 9110, section 12.5.3). Without the header it accepts everything.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).peekable();
    if values.peek().is_none() {
        return true;
    }
    let codings: Vec<_> = values.flat_map(|value| value.split(',')).map(coding).collect();
    let accepted = |name: &str| {
        codings.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name)).map(|(_, accepted)| *accepted)
    };
    accepted("gzip").or_else(|| accepted("x-gzip")).or_else(|| accepted("*")).unwrap_or(false)
}

/// A coding's name, and whether it is accepted.
fn coding(text: &str) -> (&str, bool) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    (name, weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_accepted_as_the_header_says() {
        let takes = |value| accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]));
        for good in
            ["gzip", "gzip, deflate, br, zstd", "GZIP;q=0.1", "br;q=1.0, gzip;q=1", "*", "x-gzip", "br, *;q=0.5"]
        {
            assert!(takes(HeaderValue::from_static(good)), "{good}");
        }
        for bad in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "identity", "gzipped", "gzip;q=x", "*;q=0"] {
            assert!(!takes(HeaderValue::from_static(bad)), "{bad}");
        }
        assert!(accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn every_page_has_its_own_nonce() {
        let (Some((one, policy)), Some((other, _))) = (page("", ""), page("", "")) else { return };
        assert_ne!(one, other);
        let policy = policy.to_str().unwrap();
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
        assert!(one.contains(&format!("nonce=\"{nonce}\"")) && !one.contains("{nonce}"), "{policy}");
    }
}
