//! Rejected requests: a status, and a body in the form of a GraphQL answer without `data`.

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

/// A request that does not run.
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

    /// Not a well-formed GraphQL request. `message` is a full sentence.
    #[must_use]
    pub fn bad_request(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, Code::BadRequest, message)
    }

    /// The headers exceed the limits.
    #[must_use]
    pub fn head_too_large() -> Self {
        let message = "The request has too many headers, or they are too large. Send fewer or smaller headers.";
        Self::bad_request(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, message).closing()
    }

    /// The body has an unknown transfer coding (RFC 9112, section 6.1), so its end is unknown.
    #[must_use]
    pub fn unknown_transfer_coding() -> Self {
        let message = "The `Transfer-Encoding` must be `chunked`.";
        Self::bad_request(StatusCode::NOT_IMPLEMENTED, message).closing()
    }

    /// The client took too long to send its request.
    #[must_use]
    pub fn too_slow(message: &'static str) -> Self {
        Self::bad_request(StatusCode::REQUEST_TIMEOUT, message).closing()
    }

    /// The operation is a mutation, and the method only allows reading (GraphQL over HTTP, "GET"; RFC 9110, section
    /// 9.2.1).
    #[must_use]
    pub fn needs_post() -> Self {
        Self::bad_request(StatusCode::METHOD_NOT_ALLOWED, "Send mutations with POST.")
            .with(header::ALLOW, HeaderValue::from_static("POST"))
    }

    /// The `Authorization` header is not valid (RFC 6750, section 3.1).
    #[must_use]
    pub fn invalid_token() -> Self {
        let message = "The access token is not valid. Sign in again, or send no `Authorization` header.";
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message)
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_token""#))
    }

    /// The client accepts none of the available content codings (RFC 9110, section 15.5.7).
    #[must_use]
    pub fn only_gzip() -> Self {
        Self::bad_request(
            StatusCode::NOT_ACCEPTABLE,
            "This file is only available with gzip. Send `Accept-Encoding: gzip`.",
        )
        .with(header::VARY, HeaderValue::from_static("accept-encoding"))
    }

    /// The service can't answer now. Logs the cause.
    #[must_use]
    pub fn unavailable(cause: &Cause, id: &RequestId) -> Self {
        cause.log_unavailable(id.as_str());
        Self { request_id: Some(id.as_str().to_owned()), ..Self::try_again(UNAVAILABLE_MESSAGE) }
    }

    /// The server is not ready. `reason` is a full sentence.
    #[must_use]
    pub fn unready(reason: String) -> Self {
        Self { message: reason, ..Self::try_again("") }
    }

    /// The maximum number of connections is reached.
    #[must_use]
    pub fn too_many_connections() -> Self {
        Self::try_again("The server has reached its connection limit. Try again in 1 second.").closing()
    }

    /// Too many answers wait for clients to read them.
    #[must_use]
    pub fn too_many_pending_answers() -> Self {
        Self::try_again("The server has reached its limit of pending answers. Try again in 1 second.")
    }

    /// The server is shutting down.
    #[must_use]
    pub fn shutting_down() -> Self {
        Self::try_again("The server is shutting down. Try again in 1 second.")
    }

    /// The server failed to handle this request, and a retry does not help. Logs the cause.
    #[must_use]
    pub fn internal(cause: &(dyn std::error::Error + 'static), id: &RequestId) -> Self {
        tracing::error!(request_id = id.as_str(), cause = chain(cause), "request failed");
        Self::failed(id.as_str())
    }

    /// The server failed, and the cause is already logged.
    #[must_use]
    pub fn failed(request_id: &str) -> Self {
        let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::InternalServerError, INTERNAL_MESSAGE);
        Self { request_id: Some(request_id.to_owned()), ..refusal }
    }

    /// The error code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The limit that the request exceeds, if it is one of the size of a request.
    #[must_use]
    pub fn limit(&self) -> Option<&'static str> {
        (self.status == StatusCode::PAYLOAD_TOO_LARGE).then_some("bodyBytes")
    }

    fn try_again(message: &'static str) -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ServiceUnavailable, message)
            .with(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
        Self { retry_after: Some(RETRY_AFTER), ..refusal }
    }

    /// Sets the form of the answer.
    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Closes the connection after the answer: the rest of the request is not read.
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

/// The answer of the listener if there is no request or the router gave no answer.
#[must_use]
pub fn without_request(problem: &Problem) -> Response<String> {
    let id = RequestId::of(&HeaderMap::new());
    let refusal = match problem {
        Problem::HeadTooLarge => Refusal::head_too_large(),
        Problem::UnknownTransferCoding => Refusal::unknown_transfer_coding(),
        Problem::HeadTooSlow => Refusal::too_slow("The head of the request did not arrive in time."),
        Problem::NoProxyHeader => Refusal::bad_request(
            problem.status(),
            "Connections from this address must begin with a header of the PROXY protocol. Turn it on in the proxy, or \
             remove the address from `trusted_proxies`.",
        ),
        Problem::NoTls => Refusal::bad_request(
            problem.status(),
            "This port speaks HTTPS only. Send the request to an `https://` URL.",
        ),
        Problem::NoRoom => Refusal::too_many_connections(),
        Problem::Failed(error) => {
            tracing::error!(request_id = id.as_str(), %error, "request handler panicked");
            Refusal::failed(id.as_str())
        }
        // A malformed head, and problems that a later version of the listener may add.
        _ => Refusal::bad_request(problem.status(), "The head of the request is malformed."),
    };
    let mut response = refusal.into_text();
    edge::complete(&mut response, &id);
    response
}

/// The answer for a method that the path does not support; axum adds `Allow`.
pub async fn method_not_allowed() -> Refusal {
    Refusal::bad_request(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path does not support this method. The `Allow` header lists the supported ones.",
    )
}

/// The answer for an unknown path. It does not repeat the path.
pub async fn not_found() -> Refusal {
    Refusal::bad_request(StatusCode::NOT_FOUND, "Nothing is served at this path. Send GraphQL requests to `/graphql`.")
}
