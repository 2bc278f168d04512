//! What came of a document. How that looks on the wire is the transport's business.

use async_graphql::{Response, ServerError};

use crate::graphql::{
    error::Code,
    failure::{self, Failure},
    refresh_cookie::Change,
};

/// What came of a document.
pub struct Answer {
    /// How far it got.
    pub outcome: Outcome,
    /// The data and the errors.
    pub response: Response,
    /// Whether it answers a mutation that was executed: what it says may be said only once.
    pub is_of_mutation: bool,
    /// What it does to the cookie that holds the refresh token.
    pub refresh_cookie: Option<Change>,
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
    pub(super) fn of(failure: &Failure) -> Self {
        match failure.code() {
            code if code == Code::ServiceUnavailable.as_str() => Self::Unavailable,
            code if code == Code::InternalServerError.as_str() => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl Answer {
    pub(super) fn refused(outcome: Outcome, mut errors: Vec<ServerError>, request_id: &str) -> Self {
        failure::complete(&mut errors, false, request_id);
        Self { outcome, response: Response::from_errors(errors), is_of_mutation: false, refresh_cookie: None }
    }

    /// The answer that is a failure and nothing else, whatever was done before it.
    pub(super) fn failed(failure: Failure, request_id: &str) -> Self {
        Self::refused(Outcome::of(&failure), vec![failure.into()], request_id)
    }
}
