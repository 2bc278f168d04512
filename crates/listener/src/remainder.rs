//! What a handler leaves unread of a request's body: a refusal need not read any of it. hyper drops the connection then, and
//! says so only where it notices before the answer is written. Here the rest is read and dropped where that takes little, so
//! that the client keeps its connection; where it does not, the answer announces that the connection closes.

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

/// How much is read, and how long the client may take to send it, at most. More costs the server and the client more than another
/// connection does.
const BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

/// What is left of one request's body when it is answered.
pub struct Remainder {
    left: oneshot::Receiver<Left>,
    /// The client waits for the server to ask for the body, and may never send it.
    is_awaited: bool,
    patience: Duration,
}

/// The request for the handler, and what it will leave of its body; nothing where there is no body. `patience` is how long
/// a client may take to send one.
pub fn watch(request: Request<Incoming>, patience: Duration) -> (Request<Body>, Option<Remainder>) {
    if request.body().is_end_stream() {
        return (request.map(Body::new), None);
    }
    let is_awaited = awaits_continue(request.headers());
    let (sender, left) = oneshot::channel();
    let watched = |body| Body::new(Watched { body: Left::Unread(body), left: Some(sender) });
    (request.map(watched), Some(Remainder { left, is_awaited, patience: patience.min(PATIENCE) }))
}

fn awaits_continue(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

impl Remainder {
    /// Reads the rest, where that is little and the client sends it soon. Returns whether the body is read to its end.
    pub async fn discard(mut self, progress: &Progress) -> bool {
        match self.left.try_recv() {
            Ok(Left::Nothing) => true,
            Ok(Left::Unread(body)) if !self.is_awaited && body.size_hint().lower() <= BYTES => {
                let mut reading = pin!(read_out(body));
                if let Some(whole) = reading.as_mut().now_or_never() {
                    return whole;
                }
                let _ = progress.enter(Phase::Body);
                timeout(self.patience, reading).await.unwrap_or(false)
            }
            // The handler still holds the body, or the client broke it off.
            _ => false,
        }
    }
}

async fn read_out(mut body: Incoming) -> bool {
    let mut room = BYTES;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(frame) = frame else { return false };
        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
        let Some(rest) = room.checked_sub(bytes) else { return false };
        room = rest;
    }
    true
}

/// The body for the handler. When it is dropped, it says what is left of it.
struct Watched {
    body: Left,
    left: Option<oneshot::Sender<Left>>,
}

enum Left {
    /// It was read to its end.
    Nothing,
    /// It may have more.
    Unread(Incoming),
    /// It broke off.
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
