//! A lending library with members, loans and rules. It uses only `fieldguard-guard`, `fieldguard-http` and
//! `fieldguard-listener`. Members have numbers. It has none of Fieldguard's accounts, tokens and database.
//!
//! ```sh
//! cargo run -p guard-only
//! cargo run -p guard-only -- access
//! ```
//!
//! Members sign in elsewhere. Here a bearer token is looked up in a fixed list in the code, which is only fit for a
//! demonstration.

mod member;
mod schema;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, header},
};
use fieldguard_guard::{access::Table, caller::Caller, execute::Executor, registry, settings::Settings};
use fieldguard_http::{
    endpoint::{Head, Plain},
    refusal::Refusal,
};

pub use self::{
    member::Member,
    schema::{CONVENTIONS, schema},
};

/// Creates the executor for GraphQL documents.
///
/// # Errors
///
/// The faults of the schema. With faults, the server does not start.
pub fn executor() -> Result<Executor, Vec<registry::Fault>> {
    let schema = registry::complete(schema(), &CONVENTIONS);
    let (schema, faults) = registry::inspect(schema, |registry| registry::audit(registry, &CONVENTIONS));
    if faults.is_empty() { Ok(Executor::new(schema, Settings::default())) } else { Err(faults) }
}

/// All routes of the server.
///
/// # Errors
///
/// As [`executor`].
pub fn router(settings: fieldguard_http::settings::Settings) -> Result<Router, Vec<registry::Fault>> {
    Ok(fieldguard_http::router(Plain::new(executor()?, identify), Arc::new(settings)))
}

/// The access table, with a column for each kind of caller.
#[must_use]
pub fn access_table() -> Table {
    let schema = registry::complete(schema(), &CONVENTIONS);
    let callers = [
        ("anonymous".to_owned(), Caller::default()),
        ("member".to_owned(), Member::named("ann").map_or_else(Caller::default, Caller::from)),
        ("librarian".to_owned(), Member::named("lee").map_or_else(Caller::default, Caller::from)),
    ];
    Table::new(&registry::inspect(schema, registry::rows).1, &callers)
}

/// The caller of a request. A request without a token is anonymous. A request with an invalid token is refused.
fn identify(head: Head<'_>) -> Result<Caller, Refusal> {
    let Some(token) = token(head.headers) else { return Ok(Caller::default()) };
    Member::named(token).map(Caller::from).ok_or_else(Refusal::invalid_token)
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    // An empty token, which no member has, for anything that is not a bearer token.
    Some(value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default())
}
