//! What other services read to verify our tokens: the public keys, and where they are. Nothing here depends on who asks.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::Wire;

/// For how long others may go by what they read. A verifier that meets an unknown `kid` asks again anyway; this is how long
/// one that remembers a retired key may go on accepting it.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// `/.well-known/jwks.json`: the public keys (RFC 7517).
pub async fn keys(State(wire): State<Wire>, headers: HeaderMap) -> Response {
    answer(&wire.accounts.jwks(), &headers)
}

/// `/.well-known/openid-configuration`, where libraries look: the members that are true of a server which issues access tokens
/// alone, through GraphQL. There are no ID tokens and no authorization endpoint, so nothing is said of them.
pub async fn configuration(State(wire): State<Wire>, headers: HeaderMap) -> Response {
    let configuration = json!({
        "issuer": wire.accounts.issuer(),
        "jwks_uri": format!("{}/.well-known/jwks.json", wire.settings.public_url),
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        // Registered names speak of ID tokens only; others may be added (RFC 8414, section 2).
        "access_token_signing_alg_values_supported": wire.accounts.algorithms(),
    });
    answer(&configuration, &headers)
}

fn answer(content: &Value, asked: &HeaderMap) -> Response {
    let body = content.to_string();
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest(&SHA256, body.as_bytes()).as_ref()[..16]));
    let known = is_known(asked, &tag);
    let cached = [
        (header::CACHE_CONTROL, CACHE),
        (header::ETAG, HeaderValue::try_from(tag).expect("base64url within quotes is a header value")),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Does the client have it already (RFC 9110, section 13.1.2)?
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|it| it.split(',')).map(str::trim).any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_tag_however_it_is_listed() {
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
