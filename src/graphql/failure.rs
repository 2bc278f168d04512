//! Errors in their final form: each with its code and its whole path, nothing internal in any of them.

use std::collections::HashSet;

use async_graphql::{ErrorExtensionValues, PathSegment, Response, ServerError, Value};

use super::{
    error::{ApiError, Code, INTERNAL_MESSAGE},
    guard,
};
use crate::{
    accounts,
    domain::invalid::{Invalid, Reason},
};

/// A refusal before anything ran.
#[derive(Debug)]
pub struct Failure(ServerError);

impl Failure {
    /// A refusal with its code and a whole sentence for the client.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::from_library(code, ServerError::new(message, None))
    }

    /// The value of a variable is not of its type.
    #[must_use]
    pub fn bad_value(variable: &str, message: String) -> Self {
        ApiError::from(Invalid::new(variable.to_owned(), Reason::InvalidType, message)).into()
    }

    /// The library's own complaint about a document, under our code.
    #[must_use]
    pub fn from_library(code: Code, mut error: ServerError) -> Self {
        set(&mut error, "code", code.as_str());
        Self(error)
    }

    /// A refusal by [`bad_value`](Self::bad_value) that names the variable and nothing of the schema.
    #[must_use]
    pub(super) fn without_types(self) -> Self {
        let variable = match self.0.extensions.as_ref().and_then(|it| it.get("field")) {
            Some(Value::String(variable)) => variable.as_str(),
            _ => "variables",
        };
        Self::bad_value(variable, "The value of a variable does not fit its type.".to_owned())
    }

    /// Its code, as `extensions.code` spells it.
    pub(super) fn code(&self) -> &str {
        code(&self.0).unwrap_or_default()
    }

    /// The same with one more extension.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.0, name, value);
        self
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let async_graphql::Error { message, source, extensions } = error.into();
        Self(ServerError { source, extensions, ..ServerError::new(message, None) })
    }
}

/// The same as an error of one field.
impl From<Failure> for async_graphql::Error {
    fn from(Failure(ServerError { message, source, extensions, .. }): Failure) -> Self {
        Self { message, source, extensions }
    }
}

impl From<Failure> for ServerError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

/// Did execution begin? The library does not say, but only then do errors have a path or data something in it.
#[must_use]
pub fn was_executed(response: &Response) -> bool {
    response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty())
}

/// Gives every error its code and its whole path, and all of them an order. Causes go to the log under the request's id, here
/// and only here, and each once however many fields it failed.
pub fn complete(errors: &mut [ServerError], executed: bool, request_id: &str) {
    guard::restore_paths(errors);
    // Fields are answered at the same time, and how fast the database was is nothing to tell.
    errors.sort_by_cached_key(place);
    let mut logged = HashSet::new();
    for error in errors {
        let source = error.source.take();
        let cause = source.clone().and_then(|source| source.downcast::<accounts::error::Error>().ok());
        let is_new = cause.as_deref().is_none_or(|cause| logged.insert(chain(cause)));
        match code(error) {
            Some(code) if code == Code::InternalServerError.as_str() => {
                if is_new {
                    log(error, cause.as_deref(), request_id);
                }
                set(error, "requestId", request_id);
            }
            Some(code) if code == Code::ServiceUnavailable.as_str() => {
                if let (true, Some(cause)) = (is_new, cause) {
                    log_unavailable(&*cause, request_id);
                }
                set(error, "requestId", request_id);
            }
            Some(_) => {}
            None if !executed => set(error, "code", Code::GraphqlValidationFailed.as_str()),
            None if source.is_none() => set(error, "code", Code::BadUserInput.as_str()),
            None => conceal(error, request_id),
        }
    }
}

/// A path, segment by segment, with indices in the order of numbers.
type Place = Vec<(usize, String)>;

/// Where an error stands in the document, then in the answer.
fn place(error: &ServerError) -> (Vec<(usize, usize)>, Place) {
    let locations = error.locations.iter().map(|it| (it.line, it.column)).collect();
    let segment = |it: &PathSegment| match it {
        PathSegment::Index(index) => (*index, String::new()),
        PathSegment::Field(name) => (0, name.clone()),
    };
    (locations, error.path.iter().map(segment).collect())
}

/// A foreign error, which some resolver let through without a code, must not tell what it knows.
fn conceal(error: &mut ServerError, request_id: &str) {
    tracing::error!(request_id, cause = error.message, "a resolver failed");
    INTERNAL_MESSAGE.clone_into(&mut error.message);
    set(error, "code", Code::InternalServerError.as_str());
    set(error, "requestId", request_id);
}

fn log(error: &ServerError, cause: Option<&accounts::error::Error>, request_id: &str) {
    let chain = cause.map_or_else(|| error.message.clone(), |cause| chain(cause));
    tracing::error!(request_id, cause = chain, "an operation failed");
}

/// Logs why the service could not do what the request asked for. Load is a warning; a database that is away is an error.
pub fn log_unavailable(cause: &(dyn std::error::Error + 'static), request_id: &str) {
    let is_overload = cause.downcast_ref::<accounts::error::Error>().is_some_and(accounts::error::Error::is_overload);
    if is_overload {
        tracing::warn!(request_id, cause = chain(cause), "the service is overloaded");
    } else {
        tracing::error!(request_id, cause = chain(cause), "the service is unavailable");
    }
}

/// An error and everything behind it, in one line. Sentences lose the period before what explains them.
pub fn chain(error: &dyn std::error::Error) -> String {
    let behind = std::iter::successors(error.source(), |it| it.source());
    behind.fold(error.to_string(), |line, it| format!("{}: {it}", line.trim_end_matches('.')))
}

fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn set(error: &mut ServerError, name: &str, value: impl Into<Value>) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set(name, value);
}
