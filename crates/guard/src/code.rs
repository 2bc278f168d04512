//! Machine-readable error codes: `extensions.code` of an error.

/// The codes that this crate returns. A server has further codes for its resolvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// A rule requires a signed-in caller.
    Unauthenticated,
    /// The caller is signed in and does not pass a rule.
    Forbidden,
    /// A value does not have the type of its variable.
    BadUserInput,
    /// The operation timed out while it waited for something else.
    ServiceUnavailable,
    /// The document exceeds a limit.
    QueryTooComplex,
    /// The document can't be parsed.
    GraphqlParseFailed,
    /// The document is not valid against the schema.
    GraphqlValidationFailed,
    /// The document has no operation with this name.
    OperationResolutionFailure,
    /// The request is not a well-formed GraphQL request.
    BadRequest,
    /// The server failed.
    InternalServerError,
}

impl Code {
    /// All codes.
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

    /// The code as it is spelled in `extensions.code`.
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

/// The message of every internal error. The log has the cause.
pub const INTERNAL_MESSAGE: &str = "Internal server error. Quote `requestId` when you report it.";

/// `retryAfter` of every [`Code::ServiceUnavailable`] error and `Retry-After` of every 503 response, in seconds.
pub const RETRY_AFTER: u32 = 1;

/// The message for a request that the service did not run. It contains [`RETRY_AFTER`].
pub const UNAVAILABLE_MESSAGE: &str = "The service is unavailable. Try again in 1 second.";

/// The message for a mutation with an unknown result. Retrying it may apply the change twice.
pub const UNCERTAIN_MESSAGE: &str = "The change may have been made. Read before you retry.";
