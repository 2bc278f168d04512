//! Requests that are refused as a whole: a status, and a body in the form of a GraphQL answer without `data`.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::graphql::{error::Code, failure::chain};

/// A request that is not run.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Not a well-formed GraphQL request, for the reason given as a whole sentence.
    #[must_use]
    pub fn bad_request(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: Code::BadRequest, message: message.into(), header: None }
    }

    /// The `Authorization` header proves nothing (RFC 6750, section 3.1).
    #[must_use]
    pub fn invalid_token() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Code::Unauthenticated,
            message: "The access token is not valid. Sign in again, or send no `Authorization` header.".to_owned(),
            header: Some((header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_token""#))),
        }
    }

    /// The database does not answer. The cause goes to the log.
    #[must_use]
    pub fn unavailable(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = chain(cause), "a request could not be answered");
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: Code::InternalServerError,
            message: "The server cannot answer now. Try again soon.".to_owned(),
            header: Some((header::RETRY_AFTER, HeaderValue::from_static("1"))),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({ "message": self.message, "extensions": { "code": self.code.as_str() } });
        let mut response = (self.status, Json(json!({ "errors": [error] }))).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// A method the path does not take; axum adds `Allow`.
pub async fn method_not_allowed() -> Refusal {
    Refusal::bad_request(StatusCode::METHOD_NOT_ALLOWED, "This path does not take this method.")
}

/// A path there is not. The path is not repeated: an answer echoes nothing.
pub async fn not_found() -> Refusal {
    Refusal::bad_request(StatusCode::NOT_FOUND, "There is nothing at this path. GraphQL is served at /graphql.")
}
