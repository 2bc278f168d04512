//! Reads request bodies within a size and a time limit.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, StatusCode, header},
};
use fieldguard_listener::progress::{Phase, Progress};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::refusal::Refusal;

/// The limits on a body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// The maximum number of bytes.
    pub bytes: usize,
    /// The time that the client has to send it.
    pub time_limit: Duration,
}

/// A complete body.
pub struct CompleteBody {
    /// The bytes.
    pub bytes: Bytes,
    /// Whether the server had to wait for the client.
    pub was_late: bool,
}

/// Reads the whole body. Marks in `progress` that the server waits for the client.
///
/// # Errors
///
/// 413 for a body that exceeds the limit, before reading it if `Content-Length` says so; 408 for one that takes too
/// long; 400 for one that ends early.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: BodyLimits,
    progress: Option<Arc<Progress>>,
) -> Result<CompleteBody, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > limits.bytes as u64) {
        return Err(too_large(limits.bytes));
    }
    let enter = |phase| progress.as_ref().is_none_or(|progress| progress.enter(phase));
    let is_open = enter(Phase::Body);
    let late = || Refusal::too_slow("The body of the request did not arrive in time.");
    let mut reading = pin!(collect(body, limits.bytes));
    // Most bodies arrive with their headers and need no timer.
    let (bytes, was_late) = match reading.as_mut().now_or_never() {
        Some(bytes) => (bytes?, false),
        None => (timeout(limits.time_limit, reading).await.map_err(|_| late())??, true),
    };
    if is_open && enter(Phase::Working) {
        Ok(CompleteBody { bytes, was_late })
    } else {
        Err(Refusal::too_many_connections())
    }
}

/// Most bodies are a single frame, which is not copied.
async fn collect(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut first = Bytes::new();
    let mut rest = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let broken =
            |_| Refusal::bad_request(StatusCode::BAD_REQUEST, "The request body ended early. Send it completely.");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > limit {
            return Err(too_large(limit));
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() { Ok(first) } else { Ok([first, Bytes::from(rest)].concat().into()) }
}

fn too_large(limit: usize) -> Refusal {
    let message = format!("The request body must not exceed {limit} bytes.");
    Refusal::bad_request(StatusCode::PAYLOAD_TOO_LARGE, message).closing()
}
