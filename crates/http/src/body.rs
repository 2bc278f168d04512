//! The bytes of a request's body: not more than may be, and not later.

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

/// What a body is held to.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many bytes it may have.
    pub bytes: usize,
    /// How long the client may take to send it.
    pub patience: Duration,
}

/// A body that was read.
pub struct Read {
    /// All of it.
    pub bytes: Bytes,
    /// Did the client keep the server waiting for it?
    pub was_late: bool,
}

/// The whole body. Notes in `progress` that the server waits for the client meanwhile.
///
/// # Errors
///
/// 413 for a body beyond the limit, before any of it is read where its length is told; 408 for one that takes too long;
/// 400 for one that breaks off.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    bounds: Bounds,
    progress: Option<Arc<Progress>>,
) -> Result<Read, Refusal> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|bytes| bytes > bounds.bytes as u64) {
        return Err(too_large());
    }
    let enter = |phase| progress.as_ref().is_none_or(|it| it.enter(phase));
    let going_on = enter(Phase::Body);
    let late = || Refusal::too_slow("The body of the request did not arrive in time.");
    let mut reading = pin!(collect(body, bounds.bytes));
    // Most bodies come with their headers, and need no clock.
    let (bytes, was_late) = match reading.as_mut().now_or_never() {
        Some(bytes) => (bytes?, false),
        None => (timeout(bounds.patience, reading).await.map_err(|_| late())??, true),
    };
    if going_on && enter(Phase::Working) { Ok(Read { bytes, was_late }) } else { Err(Refusal::crowded()) }
}

/// One frame is the rule, and is not copied.
async fn collect(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut first = Bytes::new();
    let mut rest = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let broken = |_| Refusal::bad_request(StatusCode::BAD_REQUEST, "The request body did not arrive whole.");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > limit {
            return Err(too_large());
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() { Ok(first) } else { Ok([first, Bytes::from(rest)].concat().into()) }
}

fn too_large() -> Refusal {
    Refusal::bad_request(StatusCode::PAYLOAD_TOO_LARGE, "The request body is larger than this server takes.").closing()
}
