//! What a document may cost, checked before the work is done: its text before it is parsed ([`nesting`]), what it expands
//! to before it is validated ([`budget`]), what its variables hold ([`values`]), how long the pages are that it asks for with
//! them ([`complexity`]), and what it asks for once and no more ([`exclusive`]).

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

/// The refusal of what goes beyond a limit.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX` where it does, with the limit's name as `serverInfo` spells it, its value and what was asked.
pub fn within(name: &str, asked: usize, limit: usize) -> Result<(), Failure> {
    if asked <= limit {
        return Ok(());
    }
    let message = format!("The document exceeds the limit `{name}`: at most {limit}, but it asks for {asked}.");
    let failure = Failure::new(Code::QueryTooComplex, message);
    Err(failure.with("limit", name).with("maximum", limit).with("asked", asked))
}
