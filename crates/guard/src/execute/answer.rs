//! Results of execution.

use async_graphql::{Response, ServerError};

use crate::{
    code::Code,
    failed_changes::FailedChange,
    failure::{self, Failure},
};

/// The result of a document. The transport decides how to encode it.
pub struct Answer {
    /// How far execution got.
    pub outcome: Outcome,
    /// The data and the errors.
    pub response: Response,
    /// Whether this answers an executed mutation. It may contain a secret that is shown only once.
    pub is_of_mutation: bool,
}

/// How far execution got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The document was executed.
    Executed,
    /// The document was not executed, so there is no `data` (GraphQL over HTTP, "request errors").
    Refused,
    /// The rules denied the whole document. Nothing was executed and there is no `data`.
    Denied,
    /// The document is not a query, and the request may only contain a query. Nothing was executed.
    NoQuery,
    /// The service could not run the document, or the result of a mutation is unknown. There is no `data`, and the
    /// errors say when to try again.
    Unavailable,
    /// The server failed. There is no `data`.
    Failed,
}

impl Outcome {
    /// The outcome of a document that fails with `failure`.
    fn of(failure: &Failure) -> Self {
        match failure.code() {
            code if code == Code::ServiceUnavailable.as_str() => Self::Unavailable,
            code if code == Code::InternalServerError.as_str() => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl Answer {
    /// An answer with at most `limit` errors and no data.
    pub(super) fn refused(outcome: Outcome, mut errors: Vec<ServerError>, limit: usize, request_id: &str) -> Self {
        errors.truncate(limit);
        failure::complete(&mut errors, false, request_id);
        Self { outcome, response: Response::from_errors(errors), is_of_mutation: false }
    }

    /// An answer with one error and no data. A mutation may have run before it.
    #[must_use]
    pub fn failed(failure: Failure, request_id: &str) -> Self {
        Self::refused(Outcome::of(&failure), vec![failure.into()], 1, request_id)
    }
}

/// Why a document does not run.
pub struct Stop {
    pub(super) outcome: Outcome,
    pub(super) errors: Vec<ServerError>,
    /// The mutations that failed because of it.
    pub failed_changes: Vec<FailedChange>,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { outcome: Outcome::of(&failure), errors: vec![failure.into()], failed_changes: Vec::new() }
    }
}
