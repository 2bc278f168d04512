//! The part of a request body that a handler leaves unread, as a rejection may. hyper then drops the connection, and
//! announces it only if it notices before the answer is written. This module reads and discards a short rest, so that
//! the connection stays open; otherwise the answer announces that the connection closes.

use std::{
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request, header},
};
use futures_util::FutureExt as _;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::{sync::oneshot, time::timeout};

use super::progress::{Phase, Progress};

/// The maximum bytes to read and the maximum time to wait. More costs the server and the client more than a new
/// connection.
const MAX_BYTES: u64 = 64 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// The unread part of a request's body.
pub struct UnreadBody {
    left: oneshot::Receiver<Left>,
    /// The client sent `Expect: 100-continue` and may never send the body.
    expects_continue: bool,
    time_limit: Duration,
}

/// Wraps the request for the handler and returns the unread part of its body, or `None` if it has no body. `time_limit`
/// is the client's time to send a body.
pub fn watch(request: Request<Incoming>, time_limit: Duration) -> (Request<Body>, Option<UnreadBody>) {
    if request.body().is_end_stream() {
        return (request.map(Body::new), None);
    }
    let expects_continue = awaits_continue(request.headers());
    let (sender, left) = oneshot::channel();
    let watched = |body| Body::new(Watched { body: Left::Unread(body), left: Some(sender) });
    (request.map(watched), Some(UnreadBody { left, expects_continue, time_limit: time_limit.min(TIME_LIMIT) }))
}

fn awaits_continue(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

impl UnreadBody {
    /// Reads a short rest that arrives soon. Returns whether the body was read completely.
    pub async fn discard(mut self, progress: &Progress) -> bool {
        match self.left.try_recv() {
            Ok(Left::Nothing) => true,
            Ok(Left::Unread(body)) if !self.expects_continue && body.size_hint().lower() <= MAX_BYTES => {
                let mut reading = pin!(read_out(body));
                if let Some(whole) = reading.as_mut().now_or_never() {
                    return whole;
                }
                let _ = progress.enter(Phase::Body);
                timeout(self.time_limit, reading).await.unwrap_or(false)
            }
            // The handler still holds the body, or the client aborted it.
            _ => false,
        }
    }
}

async fn read_out(mut body: Incoming) -> bool {
    let mut remaining = MAX_BYTES;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(frame) = frame else { return false };
        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
        let Some(rest) = remaining.checked_sub(bytes) else { return false };
        remaining = rest;
    }
    true
}

/// The body for the handler. On drop it sends what is unread.
struct Watched {
    body: Left,
    left: Option<oneshot::Sender<Left>>,
}

enum Left {
    /// Read completely.
    Nothing,
    /// Possibly more to read.
    Unread(Incoming),
    /// Aborted.
    Broken,
}

impl Drop for Watched {
    fn drop(&mut self) {
        let left = match mem::replace(&mut self.body, Left::Nothing) {
            Left::Unread(body) if body.is_end_stream() => Left::Nothing,
            left => left,
        };
        if let Some(sender) = self.left.take() {
            let _ = sender.send(left);
        }
    }
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Left::Unread(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        match frame {
            None => self.body = Left::Nothing,
            Some(Err(_)) => self.body = Left::Broken,
            Some(Ok(_)) => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Left::Unread(body) => body.is_end_stream(),
            Left::Nothing | Left::Broken => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Left::Unread(body) => body.size_hint(),
            Left::Nothing | Left::Broken => SizeHint::with_exact(0),
        }
    }
}
