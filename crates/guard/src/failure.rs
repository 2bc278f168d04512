//! Errors in their final form: each has a code and a full path and reveals nothing internal.

use std::collections::HashSet;

use async_graphql::{ErrorExtensionValues, Name, PathSegment, Response, ServerError, Value};

use super::{
    cause::Cause,
    code::{Code, INTERNAL_MESSAGE, RETRY_AFTER, UNAVAILABLE_MESSAGE, UNCERTAIN_MESSAGE},
    located,
};

/// An error before anything ran.
#[derive(Debug)]
pub struct Failure(ServerError);

impl Failure {
    /// Creates an error with a code and a message that is a full sentence.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::from_library(code, ServerError::new(message, None))
    }

    /// The error for a variable value that does not have the type of its variable.
    #[must_use]
    pub fn bad_value(variable: &str, message: String) -> Self {
        let reason = || Value::Enum(Name::new("INVALID_TYPE"));
        let problem = [
            (Name::new("field"), Value::from(variable)),
            (Name::new("reason"), reason()),
            (Name::new("message"), Value::from(message.as_str())),
        ];
        let problems = Value::List(vec![Value::Object(problem.into_iter().collect())]);
        let failure = Self::new(Code::BadUserInput, message);
        failure.with("field", variable).with("reason", reason()).with("problems", problems)
    }

    /// Adds our code to an async-graphql error.
    #[must_use]
    pub fn from_library(code: Code, mut error: ServerError) -> Self {
        set(&mut error, "code", code.as_str());
        Self(error)
    }

    /// Replaces the error of [`bad_value`](Self::bad_value) with one that names only the variable and no type.
    #[must_use]
    pub(crate) fn without_types(self) -> Self {
        let variable = match self.0.extensions.as_ref().and_then(|extensions| extensions.get("field")) {
            Some(Value::String(variable)) => variable.as_str(),
            _ => "variables",
        };
        Self::bad_value(variable, "The value of the variable is not valid for its type.".to_owned())
    }

    /// The error of an operation that timed out while it waited. `is_uncertain` says whether it may have changed
    /// something.
    pub(crate) fn overdue(is_uncertain: bool) -> Self {
        let message = if is_uncertain { UNCERTAIN_MESSAGE } else { UNAVAILABLE_MESSAGE };
        let failure = Self::new(Code::ServiceUnavailable, message).with("retryAfter", RETRY_AFTER);
        if is_uncertain { failure.with("outcome", "UNKNOWN") } else { failure }
    }

    /// The error's code, as it is spelled in `extensions.code`.
    pub(crate) fn code(&self) -> &str {
        code(&self.0).unwrap_or_default()
    }

    /// Adds an extension.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.0, name, value);
        self
    }
}

impl From<async_graphql::Error> for Failure {
    fn from(error: async_graphql::Error) -> Self {
        let async_graphql::Error { message, source, extensions } = error;
        Self(ServerError { source, extensions, ..ServerError::new(message, None) })
    }
}

/// Converts the failure into an error of one field.
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

/// Whether execution began. async-graphql does not say so, but only then do errors have a path, or is there data.
#[must_use]
pub fn was_executed(response: &Response) -> bool {
    response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty())
}

/// Gives every error its code and full path, and sorts the errors. This is the only place that logs causes; each is
/// logged once with the request ID, however many fields it failed.
pub fn complete(errors: &mut [ServerError], executed: bool, request_id: &str) {
    located::restore_paths(errors);
    // Fields run concurrently, and the order must not reveal how fast the database was.
    errors.sort_by_cached_key(place);
    let mut logged = HashSet::new();
    for error in errors {
        let source = error.source.take();
        let cause = source.clone().and_then(|source| source.downcast::<Cause>().ok());
        let is_new = cause.as_deref().is_none_or(|cause| logged.insert(cause.chain()));
        match code(error) {
            Some(code) if code == Code::InternalServerError.as_str() => {
                match cause {
                    Some(cause) if is_new => cause.log_failure(request_id),
                    Some(_) => {}
                    None => tracing::error!(request_id, cause = error.message, "operation failed"),
                }
                set(error, "requestId", request_id);
            }
            Some(code) if code == Code::ServiceUnavailable.as_str() => {
                if let (true, Some(cause)) = (is_new, cause) {
                    cause.log_unavailable(request_id);
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

/// A path by segment, with indexes in numerical order.
type Place = Vec<(usize, String)>;

/// The position of an error in the document, then in the answer.
fn place(error: &ServerError) -> (Vec<(usize, usize)>, Place) {
    let locations = error.locations.iter().map(|position| (position.line, position.column)).collect();
    let segment = |segment: &PathSegment| match segment {
        PathSegment::Index(index) => (*index, String::new()),
        PathSegment::Field(name) => (0, name.clone()),
    };
    (locations, error.path.iter().map(segment).collect())
}

/// Replaces an error without a code, because its message may reveal something internal.
fn conceal(error: &mut ServerError, request_id: &str) {
    tracing::error!(request_id, cause = error.message, "resolver failed");
    INTERNAL_MESSAGE.clone_into(&mut error.message);
    set(error, "code", Code::InternalServerError.as_str());
    set(error, "requestId", request_id);
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
