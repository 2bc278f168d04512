//! Health for load balancers.

use axum::{Extension, extract::State};

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
