//! Health checks for load balancers.

use axum::extract::State;
use fieldguard_http::refusal::Refusal;

use super::HttpState;

/// `/healthz`: the process is alive.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// `/readyz`: the database accepts writes, and the server is not shutting down. Answers within two seconds.
///
/// # Errors
///
/// 503 otherwise, with the reason.
pub async fn ready(State(state): State<HttpState>) -> Result<&'static str, Refusal> {
    if state.shutdown.has_begun() {
        return Err(Refusal::shutting_down());
    }
    state.accounts.ready().await.map_err(|reason| Refusal::unready(reason.to_string()))?;
    Ok("ready\n")
}
