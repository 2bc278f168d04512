//! Limits on the cost of a document, each checked before the work that it limits: text before parsing ([`nesting`]),
//! expansion before validation ([`budget`]), variable values ([`values`]), page sizes ([`complexity`]), and fields that
//! an operation may select once ([`exclusive`]).

pub mod budget;
pub mod complexity;
mod cost;
mod directives;
pub mod exclusive;
mod merging;
pub mod nesting;
pub mod normal_form;
pub mod values;

use super::{code::Code, failure::Failure};

/// Checks a value against a limit.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX` with the limit's name as in `serverInfo`, its value and the document's value.
pub fn within(name: &str, asked: usize, limit: usize) -> Result<(), Failure> {
    if asked <= limit {
        return Ok(());
    }
    let message = format!("The document exceeds the limit `{name}`: {asked} is more than the maximum of {limit}.");
    let failure = Failure::new(Code::QueryTooComplex, message);
    Err(failure.with("limit", name).with("maximum", limit).with("asked", asked))
}
