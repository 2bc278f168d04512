//! The playground: GraphiQL and a panel to sign in, all of it within the binary. What it is made of stands in
//! `playground/`; `build.rs` packs it. Whether it is shown is decided by [`super::page`].

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;

use super::{Wire, refusal};

/// The playground of this build.
struct Playground {
    /// The page, with `{nonce}` where the nonce for styles goes.
    page: &'static str,
    assets: &'static [Asset],
}

/// A file of the playground. Its name follows from its content: what it answers never changes.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
}

// `static PLAYGROUND: Option<Playground>`: none where it was built without npm.
include!(concat!(env!("OUT_DIR"), "/playground.rs"));

/// Is there a playground in this build?
#[must_use]
pub fn is_built() -> bool {
    PLAYGROUND.is_some()
}

/// The page, with the policy it must be sent with, or nothing where this build has none.
#[must_use]
pub fn page() -> Option<(String, HeaderValue)> {
    let playground = PLAYGROUND.as_ref()?;
    let nonce = STANDARD.encode(Uuid::new_v4().as_bytes());
    let policy = HeaderValue::from_str(&policy(&nonce)).ok()?;
    Some((playground.page.replace("{nonce}", &nonce), policy))
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
    let fixed = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    if takes_brotli(&headers) {
        (fixed, [(header::CONTENT_ENCODING, "br")], asset.brotli).into_response()
    } else {
        (fixed, asset.plain).into_response()
    }
}

/// Does the client name brotli (RFC 9110, section 12.5.3)? `*` does not count: plain is right for everyone.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|it| it.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("br"));
        let weight = parts.find_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")));
        named && weight.is_none_or(|it| it.parse::<f32>().is_ok_and(|it| it > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compresses_for_those_who_take_it() {
        let takes = |value| takes_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]));
        for good in ["br", "gzip, deflate, br, zstd", "BR;q=0.1", "gzip;q=1.0, br;q=1"] {
            assert!(takes(HeaderValue::from_static(good)), "{good}");
        }
        for bad in ["", "gzip", "br;q=0", "br; q=0.000", "*", "brotli", "br;q=x"] {
            assert!(!takes(HeaderValue::from_static(bad)), "{bad}");
        }
        assert!(!takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn a_page_has_a_nonce_of_its_own() {
        let (Some((one, policy)), Some((other, _))) = (page(), page()) else { return };
        assert_ne!(one, other);
        let policy = policy.to_str().unwrap();
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
        assert!(one.contains(&format!("nonce=\"{nonce}\"")) && !one.contains("{nonce}"), "{policy}");
    }
}
