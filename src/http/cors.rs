//! Pages of other sites (the Fetch standard, "CORS protocol"): those whose origin is on the list may send requests and read
//! answers. There is no wildcard, and an origin is compared byte by byte. Requests from elsewhere are answered too, since
//! they act for nobody without a token; browsers keep the answers from the page.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::refusal::Refusal;

/// How long browsers may remember the answer to a preflight, in seconds: two hours, the most that all of them heed.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, x-fieldguard-on-denied, x-request-id");
const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id, retry-after");
const PREFLIGHT_VARY: HeaderValue =
    HeaderValue::from_static("access-control-request-method, access-control-request-headers");

/// The origin of the request, where it names one and that is on the list. `null`, which is every sandboxed page and file,
/// cannot be on it.
#[must_use]
pub fn allowed(headers: &HeaderMap, origins: &[String]) -> Option<HeaderValue> {
    let mut values = headers.get_all(header::ORIGIN).iter();
    let origin = values.next().filter(|_| values.next().is_none())?;
    origins.iter().any(|it| it.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

/// Does a browser ask whether a page may send a request?
#[must_use]
pub fn is_preflight(request: &Request) -> bool {
    let has = |name: HeaderName| request.headers().contains_key(name);
    request.method() == Method::OPTIONS && has(header::ORIGIN) && has(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to that question.
pub fn preflight(allowed: bool) -> Response {
    let mut response = if allowed {
        let answers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ];
        (StatusCode::NO_CONTENT, answers).into_response()
    } else {
        Refusal::bad_request(StatusCode::FORBIDDEN, "This origin is not among those in `cors.origins`.").into_response()
    };
    response.headers_mut().append(header::VARY, PREFLIGHT_VARY);
    response
}

/// Tells the browser that the page may read the answer, where it may, and caches that another page may not.
pub fn mark(headers: &mut HeaderMap, allowed: Option<HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
