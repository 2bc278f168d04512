//! The routes of this server: `/graphql`, the page at `/`, health checks, metrics and public keys. [`fieldguard_http`]
//! implements GraphQL over HTTP.

pub mod bearer;
mod denied;
pub mod graphql;
pub mod health;
pub mod metrics;
mod operation_log;
pub mod operations;
pub mod page;
pub mod playground;
pub mod refresh_cookie;
pub mod shutdown;
pub mod trace;
pub mod well_known;

use std::sync::Arc;

use axum::{
    Router,
    handler::Handler,
    middleware,
    routing::{MethodRouter, get},
};
use fieldguard_api::execute::Executor;
use fieldguard_http::{allow, settings::Settings};

use self::{operations::Operations, shutdown::Shutdown, trace::Traces};
use crate::{accounts::Accounts, config::SameSite};

/// The state that the handlers share.
#[derive(Clone)]
pub struct HttpState {
    /// The use cases: authentication, health, public keys.
    pub accounts: Accounts,
    /// Executes GraphQL documents.
    pub executor: Executor,
    /// Whether the playground is shown.
    pub playground: bool,
    /// Whether metrics are shown at `/metrics`.
    pub metrics: bool,
    /// Counts requests, for `/metrics`.
    pub operations: Arc<Operations>,
    /// Traces requests, if a collector is configured.
    pub traces: Option<Traces>,
    /// Counts the dropped log lines, for `/metrics`.
    pub dropped_log_lines: fn() -> u64,
    /// Whether the server is shutting down.
    pub shutdown: Shutdown,
    /// Which sites' pages make browsers send the refresh cookie.
    pub same_site: SameSite,
    /// Timeouts, sizes and origins.
    pub settings: Arc<Settings>,
}

/// All routes of the server.
pub fn router(state: HttpState) -> Router {
    let settings = state.settings.clone();
    let mut graphql = fieldguard_http::graphql(state.clone(), settings.clone());
    if let Some(traces) = state.traces.clone() {
        graphql = graphql.layer(middleware::from_fn_with_state(traces, trace::layer));
    }
    let routes = Router::new()
        .route("/", read(page::show))
        .route("/playground/{asset}", read(playground::asset))
        .route("/healthz", read(health::alive))
        .route("/readyz", read(health::ready))
        .route("/metrics", read(metrics::show))
        .route("/.well-known/jwks.json", read(well_known::keys))
        .route("/.well-known/openid-configuration", read(well_known::configuration))
        .with_state(state);
    fieldguard_http::complete(routes.merge(graphql), settings)
}

/// A route that accepts only reads.
fn read<H: Handler<T, HttpState>, T: 'static>(handler: H) -> MethodRouter<HttpState> {
    get(handler).options(async || allow("GET, HEAD, OPTIONS"))
}
