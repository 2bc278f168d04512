//! What came of a document. How that looks on the wire is the transport's business.

use async_graphql::{Response, ServerError};

use crate::graphql::{
    failure::{self, Failure},
    refresh_cookie::Change,
};

/// What came of a document.
pub struct Answer {
    /// How far it got.
    pub outcome: Outcome,
    /// The data and the errors.
    pub response: Response,
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
}

impl Answer {
    pub(super) fn refused(outcome: Outcome, mut errors: Vec<ServerError>, request_id: &str) -> Self {
        failure::complete(&mut errors, false, request_id);
        Self { outcome, response: Response::from_errors(errors), refresh_cookie: None }
    }

    /// In the place of an answer that must not leave, since what it tells of could not be recorded.
    pub(super) fn withheld(failure: Failure, request_id: &str) -> Self {
        let mut errors = vec![failure.into()];
        failure::complete(&mut errors, true, request_id);
        Self { outcome: Outcome::Executed, response: Response::from_errors(errors), refresh_cookie: None }
    }
}
