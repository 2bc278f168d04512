//! The wire: GraphQL over HTTP, the page at `/`, health and public keys.
//!
//! Decides how a request becomes a document with a caller, and an answer becomes bytes with a status. It decides nothing
//! about accounts or fields.

pub mod bearer;
pub mod body;
pub mod cors;
pub mod delivery;
pub mod edge;
pub mod forwarded;
pub mod graphql;
pub mod health;
mod host;
pub mod json;
pub mod metrics;
pub mod negotiate;
pub mod page;
pub mod parameters;
pub mod playground;
pub mod refresh_cookie;
pub mod refusal;
pub mod request_id;
pub mod settings;
pub mod shutdown;
pub mod well_known;

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    http::{StatusCode, header},
    middleware,
    response::IntoResponse,
    routing::{MethodRouter, get},
};

use self::{delivery::Deliveries, settings::Settings, shutdown::Shutdown};

use crate::{accounts::Accounts, graphql::execute::Executor};

/// What the handlers share.
#[derive(Clone)]
pub struct Wire {
    /// The use cases: whom a token acts for, health, public keys.
    pub accounts: Accounts,
    /// Runs documents.
    pub executor: Executor,
    /// Is the playground shown?
    pub playground: bool,
    /// Are figures shown at `/metrics`?
    pub metrics: bool,
    /// Counts the log lines that could not be written, for `/metrics`.
    pub dropped_log_lines: fn() -> u64,
    /// Whether the server is shutting down.
    pub shutdown: Shutdown,
    /// Answers that clients have not taken yet.
    pub deliveries: Arc<Deliveries>,
    /// The origins of other sites that were refused.
    pub refused_origins: Arc<cors::RefusedOrigins>,
    /// Times, sizes and origins.
    pub settings: Arc<Settings>,
}

/// All routes of the server.
pub fn router(wire: Wire) -> Router {
    let graphql = get(graphql::get).post(graphql::post).options(async || allow("GET, HEAD, POST, OPTIONS"));
    Router::new()
        .route("/graphql", graphql)
        .route("/", read(page::show))
        .route("/playground/{asset}", read(playground::asset))
        .route("/healthz", read(health::alive))
        .route("/readyz", read(health::ready))
        .route("/metrics", read(metrics::show))
        .route("/.well-known/jwks.json", read(well_known::keys))
        .route("/.well-known/openid-configuration", read(well_known::configuration))
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .fallback(refusal::not_found)
        .layer(middleware::from_fn_with_state(wire.clone(), edge::pass))
        .with_state(wire)
}

/// A path that can only be read.
fn read<H: Handler<T, Wire>, T: 'static>(handler: H) -> MethodRouter<Wire> {
    get(handler).options(async || allow("GET, HEAD, OPTIONS"))
}

/// The answer to OPTIONS (RFC 9110, section 9.3.7).
fn allow(methods: &'static str) -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::ALLOW, methods)])
}
