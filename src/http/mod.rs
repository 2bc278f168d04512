//! The routes of this server: `/graphql` for its callers, the page at `/`, health and public keys. GraphQL over HTTP itself is
//! [`fieldguard_http`]'s business. Nothing is decided here about accounts or fields.

pub mod bearer;
pub mod graphql;
pub mod health;
pub mod metrics;
pub mod page;
pub mod playground;
pub mod refresh_cookie;
pub mod shutdown;
pub mod well_known;

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    routing::{MethodRouter, get},
};
use fieldguard_api::execute::Executor;
use fieldguard_http::{allow, settings::Settings};

use self::shutdown::Shutdown;
use crate::accounts::Accounts;

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
    /// Times, sizes and origins.
    pub settings: Arc<Settings>,
}

/// All routes of the server.
pub fn router(wire: Wire) -> Router {
    let settings = wire.settings.clone();
    let graphql = fieldguard_http::graphql(wire.clone(), settings.clone());
    let routes = Router::new()
        .route("/", read(page::show))
        .route("/playground/{asset}", read(playground::asset))
        .route("/healthz", read(health::alive))
        .route("/readyz", read(health::ready))
        .route("/metrics", read(metrics::show))
        .route("/.well-known/jwks.json", read(well_known::keys))
        .route("/.well-known/openid-configuration", read(well_known::configuration))
        .with_state(wire);
    fieldguard_http::complete(routes.merge(graphql), settings)
}

/// A path that can only be read.
fn read<H: Handler<T, Wire>, T: 'static>(handler: H) -> MethodRouter<Wire> {
    get(handler).options(async || allow("GET, HEAD, OPTIONS"))
}
