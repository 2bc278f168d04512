//! Errors in their final form: each with its code and its whole path, nothing internal in any of them.

use std::collections::HashSet;

use async_graphql::{ErrorExtensionValues, Name, PathSegment, Response, ServerError, Value};

use super::{
    cause::Cause,
    code::{Code, INTERNAL_MESSAGE, RETRY_AFTER, UNAVAILABLE_MESSAGE, UNCERTAIN_MESSAGE},
    located,
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

    /// The library's own complaint about a document, under our code.
    #[must_use]
    pub fn from_library(code: Code, mut error: ServerError) -> Self {
        set(&mut error, "code", code.as_str());
        Self(error)
    }

    /// A refusal by [`bad_value`](Self::bad_value) that names the variable and nothing of the schema.
    #[must_use]
    pub(crate) fn without_types(self) -> Self {
        let variable = match self.0.extensions.as_ref().and_then(|it| it.get("field")) {
            Some(Value::String(variable)) => variable.as_str(),
            _ => "variables",
        };
        Self::bad_value(variable, "The value of a variable does not fit its type.".to_owned())
    }

    /// The service ran out of time for the operation, while it waited. Where that may have changed something, `is_uncertain`.
    pub(crate) fn overdue(is_uncertain: bool) -> Self {
        let message = if is_uncertain { UNCERTAIN_MESSAGE } else { UNAVAILABLE_MESSAGE };
        let failure = Self::new(Code::ServiceUnavailable, message).with("retryAfter", RETRY_AFTER);
        if is_uncertain { failure.with("outcome", "UNKNOWN") } else { failure }
    }

    /// Its code, as `extensions.code` spells it.
    pub(crate) fn code(&self) -> &str {
        code(&self.0).unwrap_or_default()
    }

    /// The same with one more extension.
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
    located::restore_paths(errors);
    // Fields are answered at the same time, and how fast the database was is nothing to tell.
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
                    None => tracing::error!(request_id, cause = error.message, "an operation failed"),
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

fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn set(error: &mut ServerError, name: &str, value: impl Into<Value>) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set(name, value);
}
