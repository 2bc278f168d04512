//! The middleware for every request: request ID, header limits, CORS, headers against caching and sniffing, and an
//! answer if a handler panics.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::{
    cors::{self, RefusedOrigins},
    host,
    origin::{self, Origin},
    refusal::Refusal,
    request_id::{self, RequestId},
    settings::Settings,
};

/// The middleware's state.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) settings: Arc<Settings>,
    pub(crate) refused_origins: Arc<RefusedOrigins>,
}

/// Passes the request on or answers it, and completes the answer.
pub(crate) async fn handle(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let origins = &edge.settings.origins;
    let allowed = cors::allowed(request.headers(), origins);
    if allowed.is_none() && origin::of(request.headers(), &edge.settings) == Origin::Foreign {
        edge.refused_origins.note(request.headers());
    }
    let mut response = match check_head(&request, &edge.settings) {
        Err(refusal) => refusal.into_response(),
        Ok(()) if cors::is_preflight(&request) => cors::preflight(allowed.is_some(), request.headers()),
        Ok(()) => answer(request, next, &id).await,
    };
    cors::mark(response.headers_mut(), allowed);
    complete(&mut response, &id);
    response
}

/// A panic fails this request; the server and the connection continue. A panic hook may log the location; this line
/// logs which request it was.
async fn answer(request: Request, next: Next, id: &RequestId) -> Response {
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(request_id = id.as_str(), "request handler panicked");
        Refusal::failed(id.as_str()).into_response()
    })
}

/// hyper has its own limits, which are higher.
fn check_head(request: &Request, settings: &Settings) -> Result<(), Refusal> {
    let uri = request.uri();
    if uri.path_and_query().map_or(0, |path| path.as_str().len()) > settings.uri_bytes {
        return Err(Refusal::bad_request(
            StatusCode::URI_TOO_LONG,
            format!("The path and query of the URL must not exceed {} bytes.", settings.uri_bytes),
        )
        .closing());
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > settings.headers || bytes > settings.header_bytes {
        return Err(Refusal::head_too_large());
    }
    host::check(request)?;
    // hyper reads a body whose last transfer coding is `chunked`, and does not decode earlier codings.
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_known = codings.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if is_known && codings.next().is_none() { Ok(()) } else { Err(Refusal::unknown_transfer_coding()) }
}

/// Adds the headers of every answer.
pub(super) fn complete<B>(response: &mut Response<B>, id: &RequestId) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some(value) = id.header_value() {
        headers.insert(request_id::HEADER, value);
    }
}
