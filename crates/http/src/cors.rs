//! Cross-origin requests (Fetch standard, "CORS protocol"). Pages of the configured origins may send requests and read
//! answers. Other requests are answered too, because
//! without a token they act for no account; browsers hide the answer from the page.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{origin::is_listed, refusal::Refusal};

/// How long browsers may cache a preflight answer, in seconds: two hours, the most that all browsers honor.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
/// The request headers that this server reads, for a preflight that names none or too many.
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, x-fieldguard-on-denied, x-request-id");
/// The maximum number and length of the header names that a preflight may ask for.
const MAX_REQUESTED: usize = 64;
const MAX_REQUESTED_BYTES: usize = 2_048;
const EXPOSED: HeaderValue = HeaderValue::from_static("x-request-id, retry-after, www-authenticate");
const PREFLIGHT_VARY: HeaderValue =
    HeaderValue::from_static("access-control-request-method, access-control-request-headers");

/// The origin of the request, if there is exactly one and it is configured. `null`, the origin of every sandboxed page
/// and local file, can't be configured.
#[must_use]
pub fn allowed(headers: &HeaderMap, origins: &[String]) -> Option<HeaderValue> {
    let mut values = headers.get_all(header::ORIGIN).iter();
    let origin = values.next().filter(|_| values.next().is_none())?;
    origin.to_str().is_ok_and(|origin| is_listed(origin, origins)).then(|| origin.clone())
}

/// The rejected origins. Each is logged once, so that a developer whose page fails learns what to configure.
#[derive(Debug, Default)]
pub struct RefusedOrigins(Mutex<HashSet<Box<str>>>);

impl RefusedOrigins {
    /// The maximum number and length of remembered origins: any client can send any origin.
    const MAX_ORIGINS: usize = 256;
    const MAX_ORIGIN_BYTES: usize = 255;

    /// Logs the origin of a request whose page may not read the answer, once per origin.
    pub fn note(&self, headers: &HeaderMap) {
        let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return };
        if origin.len() > Self::MAX_ORIGIN_BYTES || !self.is_new(origin) {
            return;
        }
        tracing::info!(origin, "pages of this origin can't read answers; add it to `cors.origins` to allow it");
    }

    fn is_new(&self, origin: &str) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.len() < Self::MAX_ORIGINS && !seen.contains(origin) && seen.insert(origin.into())
    }
}

/// Whether the request is a CORS preflight.
#[must_use]
pub fn is_preflight(request: &Request) -> bool {
    let has = |name: HeaderName| request.headers().contains_key(name);
    request.method() == Method::OPTIONS && has(header::ORIGIN) && has(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The names that a preflight asks for. A page of an allowed origin may send any header: which ones depends on its
/// libraries, such as those for tracing, and headers that this server does not know have no effect.
fn requested(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let names = values.next().filter(|names| values.next().is_none() && names.len() <= MAX_REQUESTED_BYTES)?;
    let names: Vec<_> = names.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
    let are_valid = names.len() <= MAX_REQUESTED && names.iter().all(|name| HeaderName::from_bytes(name).is_ok());
    are_valid.then(|| HeaderValue::from_bytes(&names.join(&b", "[..])).ok())?
}

/// The answer to a preflight with these headers.
pub fn preflight(allowed: bool, headers: &HeaderMap) -> Response {
    let mut response = if allowed {
        let answers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, requested(headers).unwrap_or(REQUEST_HEADERS)),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ];
        (StatusCode::NO_CONTENT, answers).into_response()
    } else {
        Refusal::bad_request(
            StatusCode::FORBIDDEN,
            "This origin is not allowed. Add it to `cors.origins` on the server.",
        )
        .into_response()
    };
    response.headers_mut().append(header::VARY, PREFLIGHT_VARY);
    response
}

/// Allows the page to read the answer, if its origin is allowed, and tells caches that the answer depends on the
/// origin.
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
    fn only_valid_and_few_names_are_requested() {
        let requested = |names: &str| {
            let value = HeaderValue::from_str(names).unwrap();
            requested(&HeaderMap::from_iter([(header::ACCESS_CONTROL_REQUEST_HEADERS, value)]))
        };
        assert_eq!(requested("baggage,sentry-trace , traceparent").unwrap(), "baggage, sentry-trace, traceparent");
        assert!(requested(&["a"; MAX_REQUESTED].join(",")).is_some());
        let (many, long) = (["a"; MAX_REQUESTED + 1].join(","), "a".repeat(MAX_REQUESTED_BYTES + 1));
        for bad in ["", "a,", "a b", "a,b:c", "a;b", "\u{e9}", &many, &long] {
            assert!(requested(bad).is_none(), "{bad}");
        }
        let name = (header::ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static("a"));
        let mut twice = HeaderMap::from_iter([name.clone()]);
        twice.append(name.0, name.1);
        assert!(super::requested(&twice).is_none());
    }

    #[test]
    fn origins_are_logged_once_and_memory_is_bounded() {
        let refused = RefusedOrigins::default();
        assert!(refused.is_new("https://a.example") && !refused.is_new("https://a.example"));
        let new = (0..1_000).filter(|number| refused.is_new(&format!("https://{number}.example"))).count();
        assert_eq!(new, RefusedOrigins::MAX_ORIGINS - 1);
    }
}
