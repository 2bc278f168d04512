//! GraphQL over HTTP for [axum], for any schema that a [`fieldguard_guard`] executor runs: media types and statuses as
//! in the specification, GET and POST, limits on requests and answers, CORS, request IDs.
//!
//! A server implements [`Endpoint`], which authenticates requests and runs documents. [`Plain`](endpoint::Plain)
//! implements it for servers that only have an executor. [`fieldguard_listener`] enforces time limits on the
//! connections.
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
//! use axum::{body::Body, http::{Request, StatusCode, header}};
//! use fieldguard_guard::{caller::Caller, conventions::Conventions, execute::Executor, guarded, registry};
//! use fieldguard_http::{endpoint::Plain, router, settings::Settings};
//! use tower_service::Service;
//!
//! struct Query;
//!
//! #[guarded(public)]
//! #[Object]
//! impl Query {
//!     async fn hello(&self) -> &str {
//!         "world"
//!     }
//! }
//!
//! let schema = registry::complete(Schema::build(Query, EmptyMutation, EmptySubscription), &Conventions::PLAIN);
//! let executor = Executor::new(schema, Default::default());
//! let endpoint = Plain::new(executor, |_| Ok(Caller::default()));
//! let mut router = router(endpoint, Arc::new(Settings::default()));
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let request = Request::get("/graphql?query=%7Bhello%7D").header(header::HOST, "localhost").body(Body::empty()).unwrap();
//! assert_eq!(router.call(request).await.unwrap().status(), StatusCode::OK);
//! # });
//! ```
//!
//! There are no subscriptions, uploads, batches or TLS. The crate serves no pages and verifies no tokens.

mod base_path;
mod body;
pub mod cors;
mod delivery;
mod edge;
pub mod endpoint;
pub mod forwarded;
mod graphql;
mod host;
mod json;
pub mod negotiate;
pub mod origin;
mod parameters;
pub mod refusal;
pub mod request_id;
pub mod settings;
pub mod trace_context;

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, header},
    middleware,
    response::IntoResponse,
    routing::get,
};

use self::{delivery::PendingAnswers, edge::Edge, endpoint::Endpoint, graphql::GraphqlState, settings::Settings};

/// A router that serves only `/graphql`.
pub fn router<E: Endpoint>(endpoint: E, settings: Arc<Settings>) -> Router {
    complete(graphql(endpoint, settings.clone()), settings)
}

/// The route `/graphql`, also with a slash at the end, for a router passed to [`complete`].
pub fn graphql<E: Endpoint>(endpoint: E, settings: Arc<Settings>) -> Router {
    let pending_answers = PendingAnswers::new(settings.pending_answer_bytes);
    let methods = get(graphql::get::<E>).post(graphql::post::<E>).options(async || allow("GET, HEAD, POST, OPTIONS"));
    let routes = Router::new().route("/graphql", methods.clone()).route("/graphql/", methods);
    routes.with_state(Arc::new(GraphqlState { endpoint, settings, pending_answers }))
}

/// Adds the middleware for every request: request ID, header limits, CORS, headers against caching and sniffing, and
/// answers for unknown routes and panics. Serves the routes below the path of the public URL too.
pub fn complete(routes: Router, settings: Arc<Settings>) -> Router {
    let base = origin::path(&settings.public_url).to_owned();
    let edge = Edge { settings, refused_origins: Arc::default() };
    let complete = routes
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .fallback(refusal::not_found)
        .layer(middleware::from_fn_with_state(edge, edge::handle));
    base_path::also_below(complete, &base)
}

/// The answer to OPTIONS (RFC 9110, section 9.3.7).
#[must_use]
pub fn allow(methods: &'static str) -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::ALLOW, methods)])
}
