//! Results of execution.

use std::collections::BTreeSet;

use async_graphql::{Name, Response, ServerError, Value, parser::types::OperationType};

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
    /// The type of the operation. `None` if it did not run.
    pub operation: Option<OperationType>,
    /// The name of the operation in the document. `None` if it has none or did not run.
    pub name: Option<Name>,
    /// The coordinates of the denied fields, also of those beyond the limit on errors.
    pub denied: BTreeSet<String>,
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
        let denied = denied(&errors);
        errors.truncate(limit);
        failure::complete(&mut errors, false, request_id);
        let response = Response::from_errors(errors);
        Self { outcome, response, is_of_mutation: false, operation: None, name: None, denied }
    }

    /// An answer with one error and no data. A mutation may have run before it.
    #[must_use]
    pub fn failed(failure: Failure, request_id: &str) -> Self {
        Self::refused(Outcome::of(&failure), vec![failure.into()], 1, request_id)
    }
}

/// The coordinates of the denied fields among `errors`. Only denials name a coordinate, which the schema has.
pub(super) fn denied(errors: &[ServerError]) -> BTreeSet<String> {
    let coordinate = |error: &ServerError| match error.extensions.as_ref()?.get("coordinate")? {
        Value::String(coordinate) => Some(coordinate.clone()),
        _ => None,
    };
    errors.iter().filter_map(coordinate).collect()
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
