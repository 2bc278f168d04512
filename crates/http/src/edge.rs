//! What holds for every request and every answer, whatever they are about: the id, the size of the head, other sites'
//! pages, headers against caching and sniffing, and an answer even where a handler panics.

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

/// What it shares.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) settings: Arc<Settings>,
    pub(crate) refused_origins: Arc<RefusedOrigins>,
}

/// Passes the request on, or answers it itself, and completes the answer.
pub(crate) async fn pass(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let origins = &edge.settings.origins;
    let allowed = cors::allowed(request.headers(), origins);
    if allowed.is_none() && origin::of(request.headers(), &edge.settings) == Origin::Foreign {
        edge.refused_origins.note(request.headers());
    }
    let mut response = match check_head(&request, &edge.settings) {
        Err(refusal) => refusal.into_response(),
        Ok(()) if cors::is_preflight(&request) => cors::preflight(allowed.is_some()),
        Ok(()) => answer(request, next, &id).await,
    };
    cors::mark(response.headers_mut(), allowed);
    complete(&mut response, &id);
    response
}

/// A panic is a fault of ours: this request fails, the server and the connection live. A hook of the server may have
/// logged where it was; the line here says which request it was.
async fn answer(request: Request, next: Next, id: &RequestId) -> Response {
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(request_id = id.as_str(), "a request made the server panic");
        Refusal::failed(id.as_str()).into_response()
    })
}

/// hyper has limits of its own behind these.
fn check_head(request: &Request, settings: &Settings) -> Result<(), Refusal> {
    let uri = request.uri();
    if uri.path_and_query().map_or(0, |it| it.as_str().len()) > settings.uri_bytes {
        return Err(
            Refusal::bad_request(StatusCode::URI_TOO_LONG, "The URL is longer than this server takes.").closing()
        );
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > settings.headers || bytes > settings.header_bytes {
        return Err(Refusal::head_too_large());
    }
    host::check(request)?;
    // hyper reads a body whose last coding is `chunked`, and does not decode those before.
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_known = codings.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if is_known && codings.next().is_none() { Ok(()) } else { Err(Refusal::unknown_transfer_coding()) }
}

/// Adds what every answer has.
pub(super) fn complete<B>(response: &mut Response<B>, id: &RequestId) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some(value) = id.header_value() {
        headers.insert(request_id::HEADER, value);
    }
}
