//! Fieldguard in an axum application of your own: its schema at `/graphql`, and a route beside it that asks who calls.
//! Settings come from the environment and `fieldguard.toml`, as for `fieldguard` itself.
//!
//!     cargo run --example embedding
//!     curl http://127.0.0.1:4000/report -H "authorization: Bearer $TOKEN"

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
    routing::get,
};
use fieldguard::{
    accounts::{Accounts, clock::Clock, error::Error as AccountsError},
    app::{App, Error},
    config::{Config, Flags, Sources},
    domain::{
        permission::{self, USERS_READ},
        principal::Principal,
        session::Client,
    },
};

/// The caller of a request with a valid access token, with the permissions they have now.
pub struct Caller(Arc<Principal>);

impl FromRequestParts<Accounts> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, accounts: &Accounts) -> Result<Self, StatusCode> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
        match accounts.identify(token, &Client::default()).await {
            Ok(principal) => Ok(Self(principal)),
            Err(AccountsError::InvalidToken) => Err(StatusCode::UNAUTHORIZED),
            Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

async fn report(Caller(caller): Caller) -> Result<String, StatusCode> {
    if !caller.can(USERS_READ) {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(format!("A report for {}.\n", caller.user()))
}

/// The routes of Fieldguard, and one more. It shares the accounts, so a revoked session is refused at once.
///
/// # Errors
///
/// As [`App::router`].
pub fn router(app: &App) -> Result<Router, Error> {
    let own = Router::new().route("/report", get(report)).with_state(app.accounts().clone());
    Ok(app.builtin_router()?.merge(own))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load(Sources::of_process(Flags::default())?)?;
    let app = Box::pin(App::open(config, permission::builtin(), Clock::System)).await?;
    let router = router(&app)?;
    Ok(Box::pin(app.serve(router)).await?)
}
