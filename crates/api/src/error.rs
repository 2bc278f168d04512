//! Errors as clients receive them: a message, a stable `extensions.code`, and what a client needs to act on it.
//!
//! [`ApiError`] has no `Display` on purpose: async-graphql converts every type with `Display` into an error, and an error without a
//! code, or with SQL in its text, would reach a client. So in a resolver, `?` compiles only with [`accounts::error::Error`].

use std::{any::Any, borrow::Cow, sync::Arc};

use async_graphql::{Enum, ErrorExtensionValues, Name, Value};
use fieldguard_accounts as accounts;
use fieldguard_domain::{
    invalid::{Invalid, Problems, Reason},
    missing::Missing,
    personal_access_token::MOST,
};
use fieldguard_guard::{
    cause::Cause,
    code::{INTERNAL_MESSAGE, RETRY_AFTER, UNAVAILABLE_MESSAGE, UNCERTAIN_MESSAGE},
    failure::Failure,
};

use crate::input_error_reason::spelled;

/// The code of an error, in `extensions.code`.
// Add a code only if clients act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ErrorCode")]
pub enum Code {
    /// You must sign in, or your access token is not valid.
    Unauthenticated,
    /// You are signed in, but don't meet the rule. `requires` says what the rule requires, `reason` what you don't have.
    Forbidden,
    /// The username, the password or the code is wrong.
    InvalidCredentials,
    /// The sign-in challenge is unknown, used, expired or void. Sign in again.
    InvalidChallenge,
    /// The refresh token is unknown, used, expired or revoked.
    InvalidRefreshToken,
    /// Values are not valid. `problems` lists each with its `field`, `reason` and `message`.
    BadUserInput,
    /// The value of `field` is taken, or the change would break something that must stay.
    Conflict,
    /// The object that the mutation names in `field` does not exist.
    NotFound,
    /// You reached a rate limit. Try again in `retryAfter` seconds.
    RateLimited,
    /// The database or the password hashing is overloaded or unavailable. Try again in `retryAfter` seconds. With `outcome: UNKNOWN`, the change may have been made.
    ServiceUnavailable,
    /// The document exceeds a limit. See `serverInfo.limits`.
    QueryTooComplex,
    /// The document is not valid GraphQL syntax.
    GraphqlParseFailed,
    /// The document does not match the schema.
    GraphqlValidationFailed,
    /// The document has no operation with the given name.
    OperationResolutionFailure,
    /// The request is not a well-formed GraphQL request.
    BadRequest,
    /// The server failed. Quote `requestId` when you report it.
    InternalServerError,
}

impl Code {
    /// As `extensions.code` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::InvalidChallenge => "INVALID_CHALLENGE",
            Self::InvalidRefreshToken => "INVALID_REFRESH_TOKEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Conflict => "CONFLICT",
            Self::NotFound => "NOT_FOUND",
            Self::RateLimited => "RATE_LIMITED",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::BadRequest => "BAD_REQUEST",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }
}

const LAST_ADMINISTRATOR: &str = "At least one enabled administrator must remain.";
const PROTECTED: &str = "This user or role is protected. To change it you need every permission it has.";
const RIGHTS_CHANGED: &str = "Your permissions changed during the request, so nothing was done. Try again.";
const BUILT_IN: &str = "The built-in roles `admin` and `user` can't be changed in this way.";
const TOO_LATE_TO_RESTORE: &str = "The user can no longer be restored: the time for it is over.";
const INVALID_REFRESH_TOKEN: &str = "The refresh token is no longer valid. Sign in again.";
const INVALID_RESET_CODE: &str = "The code is wrong, used or expired. Request a new one, or ask an administrator.";
const INVALID_EMAIL_CODE: &str = "The code is wrong, used or expired. Request a new one.";
const NOT_TO_VOUCH: &str =
    "You can't mark your own address as verified, or the address of a user who has permissions you don't have.";
const NO_EMAIL: &str = "Your account has no email address. Set one with `updateProfile`.";
const MAIL_DISABLED: &str = "This server sends no mail. Ask an administrator.";
const INVALID_CODE: &str =
    "The code is wrong, expired or used. Enter the next one that the app shows, or a recovery code.";
const INVALID_CHALLENGE: &str = "The sign-in is no longer valid. Sign in again.";
const HAS_SECOND_FACTOR: &str = "You have a second factor already. Call `removeTotp` first.";
const SECOND_FACTOR_REQUIRED: &str = "This requires a session with a second factor. Sign in again.";
const SECOND_FACTOR_NOT_TO_RESET: &str =
    "You can't reset your own second factor this way, or the one of a user who has permissions you don't have.";
const NO_ENCRYPTION_KEY: &str = "This server can't store second factors: its administrator must set `encryption.key`.";
const CONFIGURED_ROLE: &str =
    "The server's setting `sign_in.require_second_factor_for` names this role, so it can't be renamed.";
const NOT_TO_RESET: &str =
    "You can't reset your own password this way, or the password of a user who has permissions you don't have.";
const REACTIVATION_DENIED: &str =
    "You can't do this to your own account, or to a user who has permissions you don't have.";
const UNKNOWN_TOKEN: &str = "This personal access token does not exist.";
const REAUTHENTICATION_REQUIRED: &str = "This requires a fresh session. Call `reauthenticate`, then try again.";

const SESSION_REQUIRED: &str = "This requires a session, and a personal access token has none. Sign in instead.";

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: Code,
    message: String,
    field: Option<Cow<'static, str>>,
    reason: Option<Reason>,
    problems: Vec<Invalid>,
    retry_after: Option<u32>,
    /// What the caller doesn't have, with its name in `requires`.
    missing: Option<&'static (&'static str, Missing)>,
    is_uncertain: bool,
    cause: Option<Arc<Cause>>,
}

impl ApiError {
    /// An error with its code, and full sentences for the client.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            reason: None,
            problems: Vec::new(),
            retry_after: None,
            missing: None,
            is_uncertain: false,
            cause: None,
        }
    }

    /// The value of `field` belongs to another user or role.
    fn taken(field: &'static str) -> Self {
        Self { reason: Some(Reason::Taken), ..Self::new(Code::Conflict, taken(field)).field(field) }
    }

    /// The caller doesn't have what a use case requires.
    fn lacking(missing: &'static (&'static str, Missing), message: &'static str) -> Self {
        Self { missing: Some(missing), ..Self::new(Code::Forbidden, message) }
    }

    fn rate_limited(seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(Code::RateLimited, too_many_attempts(seconds)) }
    }

    /// The server failed; the cause is logged.
    fn internal(cause: accounts::error::Error) -> Self {
        Self { cause: Some(Arc::new(logged(cause))), ..Self::new(Code::InternalServerError, INTERNAL_MESSAGE) }
    }

    /// A value in the named input field or argument breaks a rule.
    #[must_use]
    pub fn bad_input(field: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Invalid::new(field, reason, message).into()
    }

    /// The service is unavailable; the cause is logged.
    fn unavailable(message: &str, cause: accounts::error::Error) -> Self {
        Self {
            retry_after: Some(RETRY_AFTER),
            cause: Some(Arc::new(logged(cause))),
            ..Self::new(Code::ServiceUnavailable, message)
        }
    }

    /// It is unknown whether a change was made; the cause is logged.
    pub(crate) fn uncertain(cause: accounts::error::Error) -> Self {
        Self { is_uncertain: true, ..Self::unavailable(UNCERTAIN_MESSAGE, cause) }
    }

    /// The same error about the value in `field`, with its problems.
    fn field(self, field: impl Into<Cow<'static, str>>) -> Self {
        let field = field.into();
        let problems = self.problems.into_iter().map(|problem| problem.at(field.clone())).collect();
        Self { field: Some(field), problems, ..self }
    }
}

/// One error for all problems, because GraphQL has at most one error per field. `field` and `reason` are those of the first problem.
impl From<Problems> for ApiError {
    fn from(problems: Problems) -> Self {
        let Invalid { field, reason, .. } = problems.first().clone();
        Self {
            field: Some(field),
            reason: Some(reason),
            problems: problems.iter().cloned().collect(),
            ..Self::new(Code::BadUserInput, problems.to_string())
        }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Problems::from(invalid).into()
    }
}

impl From<accounts::error::Error> for ApiError {
    fn from(error: accounts::error::Error) -> Self {
        use accounts::error::Error as E;
        match error {
            E::Invalid(problems) => problems.into(),
            E::Taken(field) => Self::taken(field),
            E::LastAdministrator => Self::new(Code::Conflict, LAST_ADMINISTRATOR),
            E::Protected => Self::new(Code::Forbidden, PROTECTED),
            E::BeyondOwn => Self::new(Code::Forbidden, "You can't give or change permissions you don't have."),
            E::RightsChanged => Self::new(Code::Conflict, RIGHTS_CHANGED),
            E::BuiltIn => Self::new(Code::Conflict, BUILT_IN),
            E::TooLateToRestore => Self::new(Code::Conflict, TOO_LATE_TO_RESTORE),
            E::Item { field, error } => Self::from(*error).field(field),
            E::NotFound(field) => Self::new(Code::NotFound, missing(field)).field(field),
            E::InvalidCredentials => Self::new(Code::InvalidCredentials, "The username or the password is wrong."),
            E::InvalidCode => Self::new(Code::InvalidCredentials, INVALID_CODE),
            E::InvalidChallenge => Self::new(Code::InvalidChallenge, INVALID_CHALLENGE),
            E::NoSecondFactor => Self::new(Code::Conflict, "There is no second factor."),
            E::HasSecondFactor => Self::new(Code::Conflict, HAS_SECOND_FACTOR),
            E::OneFactor => Self::lacking(&("mfa", Missing::SecondFactor), SECOND_FACTOR_REQUIRED),
            E::SecondFactorNotToReset => Self::new(Code::Forbidden, SECOND_FACTOR_NOT_TO_RESET),
            E::NoEncryptionKey => Self::new(Code::Forbidden, NO_ENCRYPTION_KEY),
            E::ConfiguredRole => Self::new(Code::Conflict, CONFIGURED_ROLE),
            E::InvalidRefreshToken => Self::new(Code::InvalidRefreshToken, INVALID_REFRESH_TOKEN),
            E::InvalidResetCode => Self::new(Code::InvalidCredentials, INVALID_RESET_CODE),
            E::NotToReset => Self::new(Code::Forbidden, NOT_TO_RESET),
            E::NotToVouch => Self::new(Code::Forbidden, NOT_TO_VOUCH),
            E::InvalidEmailCode => Self::new(Code::InvalidCredentials, INVALID_EMAIL_CODE),
            E::NoEmail => Self::new(Code::Conflict, NO_EMAIL).field("email"),
            E::MailDisabled => Self::new(Code::Forbidden, MAIL_DISABLED),
            E::ReactivationDenied => Self::new(Code::Forbidden, REACTIVATION_DENIED),
            E::NotFresh => Self::lacking(&("fresh", Missing::Freshness), REAUTHENTICATION_REQUIRED),
            E::NoSession => Self::lacking(&("session", Missing::Session), SESSION_REQUIRED),
            E::TooManyTokens => Self::new(Code::Conflict, too_many_tokens()),
            E::UnknownToken => Self::new(Code::NotFound, UNKNOWN_TOKEN).field("personalAccessTokenId"),
            E::RegistrationClosed => Self::new(Code::Forbidden, "Registration is closed on this server."),
            E::InvalidToken => Self::new(Code::Unauthenticated, "The access token is not valid."),
            E::RateLimited { seconds } => Self::rate_limited(seconds),
            cause @ E::Uncertain(_) => Self::uncertain(cause),
            cause @ (E::Busy | E::Unavailable(_) | E::Unrecorded(_)) => Self::unavailable(UNAVAILABLE_MESSAGE, cause),
            cause @ (E::Store(_) | E::Hashing | E::Encryption(_)) => Self::internal(cause),
        }
    }
}

/// The error as a cause for the log.
#[must_use]
pub fn logged(cause: accounts::error::Error) -> Cause {
    if cause.is_overload() { Cause::overload(cause) } else { Cause::new(cause) }
}

fn too_many_tokens() -> String {
    format!("You can have at most {MOST} personal access tokens that have not expired. Revoke one that you don't need.")
}

fn too_many_attempts(seconds: u32) -> String {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    format!("Too many attempts. Try again in {seconds} {unit}.")
}

fn missing(field: &str) -> &'static str {
    match field {
        "sessionId" => "This session does not exist, or it was revoked.",
        "role" => "This role does not exist.",
        "webhookEventId" => "This webhook event does not exist, or it was deleted.",
        _ => "This user does not exist.",
    }
}

fn taken(field: &str) -> String {
    match field {
        "email" => "This email address is taken.".to_owned(),
        "name" => "This role name is taken.".to_owned(),
        _ => "This username is taken.".to_owned(),
    }
}

fn problem(Invalid { field, reason, message }: Invalid) -> Value {
    let parts = [("field", field.into_owned().into()), ("reason", spelled(reason)), ("message", message.into())];
    Value::Object(parts.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        async_graphql::Error::from(error).into()
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if let Some(field) = error.field {
            extensions.set("field", field.into_owned());
        }
        if let Some(reason) = error.reason {
            extensions.set("reason", spelled(reason));
        }
        if !error.problems.is_empty() {
            extensions.set("problems", Value::List(error.problems.into_iter().map(problem).collect()));
        }
        if let Some(seconds) = error.retry_after {
            extensions.set("retryAfter", seconds);
        }
        if error.is_uncertain {
            extensions.set("outcome", "UNKNOWN");
        }
        if let Some((demand, missing)) = error.missing {
            extensions.set("reason", missing.word());
            extensions.set("requires", Value::Object([(Name::new(demand), Value::from(true))].into_iter().collect()));
        }
        let source = error.cause.map(|cause| cause as Arc<dyn Any + Send + Sync>);
        Self { message: error.message, source, extensions: Some(extensions) }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn every_code_of_the_engine_is_in_the_schema() {
        for code in fieldguard_guard::code::Code::ALL {
            assert!(Code::items().iter().any(|item| item.name == code.as_str()), "{code:?}");
        }
    }

    #[test]
    fn codes_are_spelled_as_the_enum_of_the_schema() {
        for item in Code::items() {
            assert_eq!(item.value.as_str(), item.name);
        }
    }
}
