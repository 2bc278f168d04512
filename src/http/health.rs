//! Health for load balancers.

use axum::extract::State;
use fieldguard_http::refusal::Refusal;

use super::Wire;

/// `/healthz`: the process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// `/readyz`: a write could be made now, and the server is not shutting down. Answers within two seconds.
///
/// # Errors
///
/// 503 otherwise, with the reason.
pub async fn ready(State(wire): State<Wire>) -> Result<&'static str, Refusal> {
    if wire.shutdown.has_begun() {
        return Err(Refusal::shutting_down());
    }
    wire.accounts.ready().await.map_err(|reason| Refusal::unready(reason.to_string()))?;
    Ok("ready\n")
}
