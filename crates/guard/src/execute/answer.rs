//! What came of a document. How that looks on the wire is the transport's business.

use async_graphql::{Response, ServerError};

use crate::{
    code::Code,
    failed_changes::FailedChange,
    failure::{self, Failure},
};

/// What came of a document.
pub struct Answer {
    /// How far it got.
    pub outcome: Outcome,
    /// The data and the errors.
    pub response: Response,
    /// Whether it answers a mutation that was executed: what it says may be said only once.
    pub is_of_mutation: bool,
}

/// How far a document got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed.
    Executed,
    /// It was not: the answer has no `data` (GraphQL over HTTP, "request errors").
    Refused,
    /// It was refused as a whole by the rules of its fields, with nothing done and no `data`.
    Denied,
    /// It was not, since it is no query, and only queries may come this way.
    NoQuery,
    /// The service could not carry it out, or not tell what it did. There is no `data`, and the errors say when to try again.
    Unavailable,
    /// The server failed. There is no `data`.
    Failed,
}

impl Outcome {
    /// How far a document got that is answered with nothing but this failure.
    fn of(failure: &Failure) -> Self {
        match failure.code() {
            code if code == Code::ServiceUnavailable.as_str() => Self::Unavailable,
            code if code == Code::InternalServerError.as_str() => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl Answer {
    /// The answer that is errors and nothing else. Only the first `limit` of them are told.
    pub(super) fn refused(outcome: Outcome, mut errors: Vec<ServerError>, limit: usize, request_id: &str) -> Self {
        errors.truncate(limit);
        failure::complete(&mut errors, false, request_id);
        Self { outcome, response: Response::from_errors(errors), is_of_mutation: false }
    }

    /// The answer that is a failure and nothing else, whatever was done before it.
    #[must_use]
    pub fn failed(failure: Failure, request_id: &str) -> Self {
        Self::refused(Outcome::of(&failure), vec![failure.into()], 1, request_id)
    }
}

/// Why a document does not run.
pub struct Stop {
    pub(super) outcome: Outcome,
    pub(super) errors: Vec<ServerError>,
    /// The changes that failed with it.
    pub failed_changes: Vec<FailedChange>,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { outcome: Outcome::of(&failure), errors: vec![failure.into()], failed_changes: Vec::new() }
    }
}
