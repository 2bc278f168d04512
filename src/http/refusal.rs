//! Requests that are refused as a whole: a status, and a body in the form of a GraphQL answer without `data`.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::request_id::RequestId;
use crate::graphql::{
    error::{Code, INTERNAL_MESSAGE},
    failure::chain,
};

/// A request that is not run.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
    request_id: Option<String>,
}

impl Refusal {
    /// Not a well-formed GraphQL request, for the reason given as a whole sentence.
    #[must_use]
    pub fn bad_request(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: Code::BadRequest, message: message.into(), header: None, request_id: None }
    }

    /// The `Authorization` header proves nothing (RFC 6750, section 3.1).
    #[must_use]
    pub fn invalid_token() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Code::Unauthenticated,
            message: "The access token is not valid. Sign in again, or send no `Authorization` header.".to_owned(),
            header: Some((header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_token""#))),
            request_id: None,
        }
    }

    /// The database does not answer. The cause goes to the log.
    #[must_use]
    pub fn unavailable(cause: &(dyn std::error::Error + 'static), id: &RequestId) -> Self {
        tracing::error!(request_id = id.as_str(), cause = chain(cause), "a request could not be answered");
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: Code::InternalServerError,
            message: "The server cannot answer now. Try again soon.".to_owned(),
            header: Some((header::RETRY_AFTER, HeaderValue::from_static("1"))),
            request_id: Some(id.as_str().to_owned()),
        }
    }

    /// The program has a fault: something panicked, as `cause` says. It goes to the log.
    #[must_use]
    pub fn panicked(cause: &str, id: &RequestId) -> Self {
        tracing::error!(request_id = id.as_str(), cause, "a request panicked");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: Code::InternalServerError,
            message: INTERNAL_MESSAGE.to_owned(),
            header: None,
            request_id: Some(id.as_str().to_owned()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut extensions = json!({ "code": self.code.as_str() });
        if let Some(id) = self.request_id {
            extensions["requestId"] = id.into();
        }
        let error = json!({ "message": self.message, "extensions": extensions });
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
