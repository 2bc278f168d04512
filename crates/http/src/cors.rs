//! Pages of other sites (the Fetch standard, "CORS protocol"): those whose origin is on the list may send requests and read
//! answers. There is no wildcard, and an origin is compared byte by byte. Requests from elsewhere are answered too, since
//! they act for no account without a token; browsers keep the answers from the page.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

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

/// The origins whose pages were refused, each logged once: a developer whose page fails finds there what to set.
#[derive(Debug, Default)]
pub struct RefusedOrigins(Mutex<HashSet<Box<str>>>);

impl RefusedOrigins {
    /// How many are remembered and logged, and how many bytes of each: any client can send any origin.
    const MOST: usize = 256;
    const BYTES: usize = 255;

    /// Logs the origin of a request whose page may not read the answer, the first time.
    pub fn note(&self, headers: &HeaderMap) {
        let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return };
        if origin.len() > Self::BYTES || !self.is_new(origin) {
            return;
        }
        tracing::info!(
            origin,
            "browsers keep answers from pages of this origin; `cors.origins` lists those that may read them"
        );
    }

    fn is_new(&self, origin: &str) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.len() < Self::MOST && !seen.contains(origin) && seen.insert(origin.into())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_new_once_and_memory_is_bounded() {
        let refused = RefusedOrigins::default();
        assert!(refused.is_new("https://a.example") && !refused.is_new("https://a.example"));
        let new = (0..1_000).filter(|number| refused.is_new(&format!("https://{number}.example"))).count();
        assert_eq!(new, RefusedOrigins::MOST - 1);
    }
}
