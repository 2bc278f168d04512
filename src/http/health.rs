//! Health for load balancers, and the public keys for services that verify our tokens.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use serde_json::Value;

use super::{Wire, refusal::Refusal, request_id::RequestId};

/// `/healthz`: the process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// `/readyz`: the database answers too.
///
/// # Errors
///
/// 503 where it does not.
pub async fn ready(State(wire): State<Wire>, Extension(id): Extension<RequestId>) -> Result<&'static str, Refusal> {
    wire.accounts.ready().await.map_err(|error| Refusal::unavailable(&error, &id))?;
    Ok("ready\n")
}

/// `/.well-known/jwks.json`: the public keys of the token signer (RFC 7517). They may be cached: a key that signs is
/// published long before it does.
pub async fn keys(State(wire): State<Wire>) -> impl IntoResponse {
    let keys: Value = wire.accounts.jwks();
    ([(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))], Json(keys))
}
