//! The wire: GraphQL over HTTP, the page at `/`, health and public keys.
//!
//! Decides how a request becomes a document with a caller, and an answer becomes bytes with a status. It decides nothing
//! about accounts or fields.

pub mod bearer;
pub mod body;
pub mod graphql;
pub mod headers;
pub mod health;
pub mod negotiate;
pub mod page;
pub mod panic;
pub mod refusal;
pub mod request_id;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};

use crate::{accounts::Accounts, graphql::execute::Executor};

/// What the handlers share.
#[derive(Clone)]
pub struct Wire {
    /// The use cases: whom a token acts for, health, public keys.
    pub accounts: Accounts,
    /// Runs documents.
    pub executor: Executor,
}

/// All routes of the server.
pub fn router(wire: Wire) -> Router {
    let body_bytes = wire.executor.settings().limits.body_bytes;
    Router::new()
        .route("/graphql", post(graphql::handle).layer(DefaultBodyLimit::max(body_bytes)))
        .route("/", get(page::show))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/.well-known/jwks.json", get(health::keys))
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .fallback(refusal::not_found)
        .layer(middleware::from_fn(panic::catch))
        .layer(middleware::from_fn(headers::add))
        .with_state(wire)
}
