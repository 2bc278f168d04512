//! The documents that other services read to verify access tokens. They are the same for every caller.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::HttpState;

/// Others may keep the keys, and must ask whether they have changed (RFC 9111, section 5.2.2.4). A verifier that meets an
/// unknown `kid` reads them again, and go-oidc 2 does so only when its copy has expired: it would refuse the tokens of a
/// new key until then. So would every verifier behind a cache.
const KEYS_CACHE: HeaderValue = HeaderValue::from_static("public, no-cache");
/// The metadata changes only with the configuration.
const CONFIGURATION_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// `/.well-known/jwks.json`: the public keys (RFC 7517).
pub async fn keys(State(state): State<HttpState>, headers: HeaderMap) -> Response {
    answer(&state.accounts.jwks(), KEYS_CACHE, &headers)
}

/// `/.well-known/openid-configuration`, where libraries look for the metadata. This server issues only access tokens,
/// through GraphQL, so the authorization endpoint is left out.
pub async fn configuration(State(state): State<HttpState>, headers: HeaderMap) -> Response {
    let algorithms = state.accounts.algorithms();
    let configuration = json!({
        "issuer": state.accounts.issuer(),
        "jwks_uri": format!("{}/.well-known/jwks.json", state.settings.public_url),
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        // There are no ID tokens. go-oidc and others verify each JWT of an issuer with the algorithms listed here, and
        // accept only RS256 without the member.
        "id_token_signing_alg_values_supported": algorithms,
        // The registered names are about ID tokens only; others may be added (RFC 8414, section 2).
        "access_token_signing_alg_values_supported": algorithms,
    });
    answer(&configuration, CONFIGURATION_CACHE, &headers)
}

fn answer(content: &Value, cache: HeaderValue, asked: &HeaderMap) -> Response {
    let body = content.to_string();
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest(&SHA256, body.as_bytes()).as_ref()[..16]));
    let known = is_known(asked, &tag);
    let cached = [
        (header::CACHE_CONTROL, cache),
        (header::ETAG, HeaderValue::try_from(tag).expect("base64url within quotes is a header value")),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Whether the client has this version already (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_any_list_form() {
        let asks = |value| is_known(&HeaderMap::from_iter([(header::IF_NONE_MATCH, value)]), "\"a\"");
        for good in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "\"b\",W/\"a\"", "*"] {
            assert!(asks(HeaderValue::from_static(good)), "{good}");
        }
        for bad in ["", "a", "\"A\"", "\"b\"", "w/\"a\"", "\"a"] {
            assert!(!asks(HeaderValue::from_static(bad)), "{bad}");
        }
        assert!(!is_known(&HeaderMap::new(), "\"a\""));
    }
}
