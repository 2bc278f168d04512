//! Requests that are refused as a whole: a status, and a body in the form of a GraphQL answer without `data`.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use fieldguard_guard::{
    cause::{Cause, chain},
    code::{Code, INTERNAL_MESSAGE, RETRY_AFTER, UNAVAILABLE_MESSAGE},
};
use fieldguard_listener::Problem;
use serde_json::json;

use super::{edge, negotiate::Form, request_id::RequestId};

/// A request that is not run.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
    form: Form,
    request_id: Option<String>,
    retry_after: Option<u32>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let (form, headers) = (Form::Json, Vec::new());
        Self { status, code, message: message.into(), form, request_id: None, retry_after: None, headers }
    }

    /// Not a well-formed GraphQL request, for the reason given as a whole sentence.
    #[must_use]
    pub fn bad_request(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, Code::BadRequest, message)
    }

    /// The head of the request is larger than this server takes.
    #[must_use]
    pub fn head_too_large() -> Self {
        let message = "The headers are more or larger than this server takes.";
        Self::bad_request(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, message).closing()
    }

    /// The body comes in a coding that this server does not know (RFC 9112, section 6.1). Where the body ends is not known then.
    #[must_use]
    pub fn unknown_transfer_coding() -> Self {
        let message = "The only `Transfer-Encoding` that this server takes is `chunked`.";
        Self::bad_request(StatusCode::NOT_IMPLEMENTED, message).closing()
    }

    /// The client takes too long to send its request.
    #[must_use]
    pub fn too_slow(message: &'static str) -> Self {
        Self::bad_request(StatusCode::REQUEST_TIMEOUT, message).closing()
    }

    /// The operation changes something, and the method only reads (GraphQL over HTTP, "GET"; RFC 9110, section 9.2.1).
    #[must_use]
    pub fn needs_post() -> Self {
        Self::bad_request(StatusCode::METHOD_NOT_ALLOWED, "Send mutations with POST.")
            .with(header::ALLOW, HeaderValue::from_static("POST"))
    }

    /// The `Authorization` header proves nothing (RFC 6750, section 3.1).
    #[must_use]
    pub fn invalid_token() -> Self {
        let message = "The access token is not valid. Sign in again, or send no `Authorization` header.";
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message)
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_token""#))
    }

    /// The client takes no coding that there is (RFC 9110, section 15.5.7).
    #[must_use]
    pub fn only_gzip() -> Self {
        Self::bad_request(StatusCode::NOT_ACCEPTABLE, "This file is kept as gzip alone: send `Accept-Encoding: gzip`.")
            .with(header::VARY, HeaderValue::from_static("accept-encoding"))
    }

    /// The service cannot answer now. The cause goes to the log.
    #[must_use]
    pub fn unavailable(cause: &Cause, id: &RequestId) -> Self {
        cause.log_unavailable(id.as_str());
        Self { request_id: Some(id.as_str().to_owned()), ..Self::try_again(UNAVAILABLE_MESSAGE) }
    }

    /// The server cannot do its work now, for the reason given as a whole sentence.
    #[must_use]
    pub fn unready(reason: String) -> Self {
        Self { message: reason, ..Self::try_again("") }
    }

    /// There is no room for another connection.
    #[must_use]
    pub fn crowded() -> Self {
        Self::try_again("The server has no room for another connection. Try again in 1 second.").closing()
    }

    /// Too many answers wait for clients that do not take them.
    #[must_use]
    pub fn congested() -> Self {
        Self::try_again("The server has no room for another large answer. Try again in 1 second.")
    }

    /// The server is shutting down.
    #[must_use]
    pub fn shutting_down() -> Self {
        Self::try_again("The server is shutting down. Try again in 1 second.")
    }

    /// The server failed at this request, and waiting does not help. The cause goes to the log.
    #[must_use]
    pub fn internal(cause: &(dyn std::error::Error + 'static), id: &RequestId) -> Self {
        tracing::error!(request_id = id.as_str(), cause = chain(cause), "a request failed");
        Self::failed(id.as_str())
    }

    /// The server failed, for a cause that is in the log.
    #[must_use]
    pub fn failed(request_id: &str) -> Self {
        let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalServerError, INTERNAL_MESSAGE);
        Self { request_id: Some(request_id.to_owned()), ..refusal }
    }

    fn try_again(message: &'static str) -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ServiceUnavailable, message)
            .with(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
        Self { retry_after: Some(RETRY_AFTER), ..refusal }
    }

    /// The same in the form the client wants.
    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// The same, after which the connection ends: what the client still sends is not read.
    #[must_use]
    pub fn closing(self) -> Self {
        self.with(header::CONNECTION, HeaderValue::from_static("close"))
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn body(&self) -> String {
        let mut error = json!({ "message": self.message, "extensions": { "code": self.code.as_str() } });
        if let Some(id) = &self.request_id {
            error["extensions"]["requestId"] = json!(id);
        }
        if let Some(seconds) = self.retry_after {
            error["extensions"]["retryAfter"] = json!(seconds);
        }
        json!({ "errors": [error] }).to_string()
    }

    fn into_text(self) -> Response<String> {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, self.form.content_type());
        response.headers_mut().extend(self.headers);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.into_text().map(Body::from)
    }
}

/// What the listener answers where there is no request, or no answer to it.
#[must_use]
pub fn without_request(problem: &Problem) -> Response<String> {
    let id = RequestId::of(&HeaderMap::new());
    let refusal = match problem {
        Problem::HeadTooLarge => Refusal::head_too_large(),
        Problem::UnknownTransferCoding => Refusal::unknown_transfer_coding(),
        Problem::HeadTooSlow => Refusal::too_slow("The head of the request did not arrive in time."),
        Problem::NoRoom => Refusal::crowded(),
        Problem::Failed(error) => {
            tracing::error!(request_id = id.as_str(), %error, "a request could not be answered");
            Refusal::failed(id.as_str())
        }
        // A malformed head, and what a later listener may find wrong with one.
        _ => Refusal::bad_request(problem.status(), "The head of the request is malformed."),
    };
    let mut response = refusal.into_text();
    edge::complete(&mut response, &id);
    response
}

/// A method the path does not take; axum adds `Allow`.
pub async fn method_not_allowed() -> Refusal {
    Refusal::bad_request(StatusCode::METHOD_NOT_ALLOWED, "This path does not take this method.")
}

/// A path there is not. The path is not repeated: an answer echoes nothing.
pub async fn not_found() -> Refusal {
    Refusal::bad_request(StatusCode::NOT_FOUND, "There is nothing at this path. GraphQL is served at /graphql.")
}
