//! Panics: a fault of the program ends the one request that met it, with 500, and nothing else.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{
    Extension,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::{refusal::Refusal, request_id::RequestId};

/// Answers the request, or 500 where that panics.
pub async fn catch(Extension(id): Extension<RequestId>, request: Request, next: Next) -> Response {
    // What the request held is dropped with it; what requests share is behind locks that outlive a panic, and the
    // database rolls back what was not committed.
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|panic| Refusal::panicked(message(&*panic), &id).into_response())
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}
