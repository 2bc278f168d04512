//! A lending library: its members, its loans and its rules, on `fieldguard-guard` and `fieldguard-http` alone. Members have
//! numbers, and nothing here knows Fieldguard's accounts, tokens or database.
//!
//! ```sh
//! cargo run -p guard-only
//! cargo run -p guard-only -- access
//! ```
//!
//! Members sign in elsewhere; here a bearer token is looked up in a list that stands in the code, which is fit for a
//! demonstration and for nothing else.

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

/// Runs documents.
///
/// # Errors
///
/// The faults of the schema, which keep the server from starting.
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

/// Who may use which field, with a column for each kind of caller.
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

/// For whom a request acts. Without a token it is anonymous; a token that proves nothing refuses the request.
fn identify(head: Head<'_>) -> Result<Caller, Refusal> {
    let Some(token) = token(head.headers) else { return Ok(Caller::default()) };
    Member::named(token).map(Caller::from).ok_or_else(Refusal::invalid_token)
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    // What is no bearer token names no member.
    Some(value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default())
}
