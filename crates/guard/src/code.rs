//! What went wrong, for programs: `extensions.code` of an error.

/// What the engine itself refuses with. A server has more codes for what its resolvers refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// A rule needs a signed-in caller.
    Unauthenticated,
    /// The caller is signed in and does not meet a rule.
    Forbidden,
    /// A value is not of its type.
    BadUserInput,
    /// The operation ran out of its time while it waited for something.
    ServiceUnavailable,
    /// The document exceeds a limit.
    QueryTooComplex,
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The document has no operation of that name.
    OperationResolutionFailure,
    /// The request is not a well-formed GraphQL request.
    BadRequest,
    /// The server failed.
    InternalServerError,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::BadUserInput,
        Self::ServiceUnavailable,
        Self::QueryTooComplex,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::OperationResolutionFailure,
        Self::BadRequest,
        Self::InternalServerError,
    ];

    /// As `extensions.code` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
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

/// The message of every internal error. The cause is in the log.
pub const INTERNAL_MESSAGE: &str = "Internal server error. Quote `requestId` when you report it.";

/// The `retryAfter` of every [`Code::ServiceUnavailable`], and the `Retry-After` of a status 503, in seconds.
pub const RETRY_AFTER: u32 = 1;

/// The message where the service cannot do anything now and has done nothing. It names [`RETRY_AFTER`].
pub const UNAVAILABLE_MESSAGE: &str = "The service is unavailable. Try again in 1 second.";

/// The message where the service cannot tell whether it made a change. Doing it again may do it twice.
pub const UNCERTAIN_MESSAGE: &str = "The change may have been made. Read before you retry.";
