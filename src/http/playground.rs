//! The playground: GraphiQL and a panel to sign in, all of it within the binary. What it is made of stands in
//! `playground/`; `build.rs` packs it. Whether it is shown is decided by [`super::page`].

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fieldguard_http::refusal::{self, Refusal};
use uuid::Uuid;

use super::Wire;

/// The playground of this build.
struct Playground {
    /// The page, with `{nonce}` where the nonce for styles goes and `{notice}` where the operator is told something.
    page: &'static str,
    assets: &'static [Asset],
}

/// A file of the playground. Its name follows from its content: what it answers never changes.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    gzip: &'static [u8],
}

// `static PLAYGROUND: Option<Playground>`: none where it was built without npm.
include!(concat!(env!("OUT_DIR"), "/playground.rs"));

/// Is there a playground in this build?
#[must_use]
pub fn is_built() -> bool {
    PLAYGROUND.is_some()
}

/// The page with `notice` in HTML, and the policy it must be sent with, or nothing where this build has none.
#[must_use]
pub fn page(notice: &str) -> Option<(String, HeaderValue)> {
    let playground = PLAYGROUND.as_ref()?;
    let nonce = STANDARD.encode(Uuid::new_v4().as_bytes());
    let policy = HeaderValue::from_str(&policy(&nonce)).ok()?;
    Some((playground.page.replace("{nonce}", &nonce).replace("{notice}", notice), policy))
}

/// Everything from this server, except what the style sheet of GraphiQL carries within itself: fonts and small pictures.
/// Scripts come from files alone. One part of GraphiQL adds a style element while a dialog is open; it knows the nonce,
/// so that `'unsafe-inline'` is not needed.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; \
         img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// `GET /playground/{name}`.
pub async fn asset(State(wire): State<Wire>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let assets = PLAYGROUND.as_ref().filter(|_| wire.playground).map_or(&[][..], |it| it.assets);
    let Some(asset) = assets.iter().find(|it| it.name == name) else {
        return refusal::not_found().await.into_response();
    };
    if !takes_gzip(&headers) {
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

/// Does the client take gzip (RFC 9110, section 12.5.3)? One that says nothing takes everything.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok()).peekable();
    if values.peek().is_none() {
        return true;
    }
    let codings: Vec<_> = values.flat_map(|it| it.split(',')).map(coding).collect();
    let accepted = |name: &str| codings.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, taken)| *taken);
    accepted("gzip").or_else(|| accepted("x-gzip")).or_else(|| accepted("*")).unwrap_or(false)
}

/// A coding by its name, and whether it is taken.
fn coding(text: &str) -> (&str, bool) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")));
    (name, weight.is_none_or(|it| it.parse::<f32>().is_ok_and(|it| it > 0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_who_takes_gzip() {
        let takes = |value| takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]));
        for good in
            ["gzip", "gzip, deflate, br, zstd", "GZIP;q=0.1", "br;q=1.0, gzip;q=1", "*", "x-gzip", "br, *;q=0.5"]
        {
            assert!(takes(HeaderValue::from_static(good)), "{good}");
        }
        for bad in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "identity", "gzipped", "gzip;q=x", "*;q=0"] {
            assert!(!takes(HeaderValue::from_static(bad)), "{bad}");
        }
        assert!(takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_page_has_a_nonce_of_its_own() {
        let (Some((one, policy)), Some((other, _))) = (page(""), page("")) else { return };
        assert_ne!(one, other);
        let policy = policy.to_str().unwrap();
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
        assert!(one.contains(&format!("nonce=\"{nonce}\"")) && !one.contains("{nonce}"), "{policy}");
    }
}
