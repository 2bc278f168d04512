//! From hyper to the router and back, noting on the way how far the connection is.
//!
//! hyper drops the future of a request as soon as its connection ends. A request that has begun must not end with it: what it
//! changes is changed whole, and its client may have read none of the answer in any case. [`Running`] therefore moves a
//! request that waits for something into a task of its own, which keeps the connection's seat until it ends.

use std::{
    convert::Infallible,
    mem,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderName, HeaderValue, Request, Response, Version, header},
};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::{
    runtime::Handle,
    task::{JoinError, JoinHandle},
};
use tower_service::Service as _;

use super::{
    progress::{Phase, Progress},
    remainder::{self, Remainder},
    slots::Seat,
};
use crate::{Problem, settings::Refuse};

/// Announces that the connection closes after this answer (RFC 9112, section 9.6).
pub const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A header that every refusal of the router has, and none that hyper answers by itself: [`super::stream`] tells them apart.
/// Routes that an adopter adds beside ours get it here.
pub const MARK: HeaderName = header::CACHE_CONTROL;

/// Answers the requests of one connection.
pub struct Answering {
    /// The routes.
    pub router: Router,
    /// Who sends.
    pub peer: SocketAddr,
    /// The place of the connection, and how far it is.
    pub seat: Arc<Seat>,
    /// How long a client may take to send a body.
    pub patience: Duration,
    /// What is answered where the router panics.
    pub refuse: Refuse,
}

impl hyper::service::Service<Request<Incoming>> for Answering {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Running;

    fn call(&self, request: Request<Incoming>) -> Running {
        if !self.seat.progress.enter(Phase::Working) {
            // The connection was sent away while the request arrived: it ends before anything is done.
            return Running { stage: Stage::Over, refuse: self.refuse };
        }
        let is_last = asks_to_close(&request);
        let (mut request, remainder) = remainder::watch(request, self.patience);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(Arc::clone(&self.seat.progress));
        let answering = self.router.clone().call(request);
        let work = Box::pin(answer(answering, remainder, is_last, Arc::clone(&self.seat)));
        Running { stage: Stage::Ready(work), refuse: self.refuse }
    }
}

/// Whether no request follows this one on its connection (RFC 9112, section 9.3).
fn asks_to_close(request: &Request<Incoming>) -> bool {
    let options = request.headers().get_all(header::CONNECTION).into_iter().filter_map(|value| value.to_str().ok());
    let mut options = options.flat_map(|value| value.split(',')).map(str::trim);
    if request.version() == Version::HTTP_11 {
        options.any(|option| option.eq_ignore_ascii_case("close"))
    } else {
        !options.any(|option| option.eq_ignore_ascii_case("keep-alive"))
    }
}

async fn answer<A>(answering: A, remainder: Option<Remainder>, is_last: bool, seat: Arc<Seat>) -> Response<Answer>
where
    A: Future<Output = Result<Response<Body>, Infallible>>,
{
    let progress = &seat.progress;
    let Ok(mut response) = answering.await;
    let mut is_last = is_last || progress.is_ending() || response.headers().contains_key(header::CONNECTION);
    // Another request can follow only where the body of this one is read to its end.
    is_last = is_last || !is_read(remainder, progress).await;
    if is_last {
        response.headers_mut().insert(header::CONNECTION, CLOSE);
    }
    if response.status().is_client_error() {
        response.headers_mut().entry(MARK).or_insert(HeaderValue::from_static("no-store"));
    }
    let _ = progress.enter(Phase::Answering);
    response.map(|body| Answer { body, is_last, progress: Arc::clone(progress) })
}

async fn is_read(remainder: Option<Remainder>, progress: &Progress) -> bool {
    match remainder {
        Some(remainder) => remainder.discard(progress).await,
        None => true,
    }
}

/// A request that is being answered.
pub struct Running {
    stage: Stage,
    refuse: Refuse,
}

type Work = Pin<Box<dyn Future<Output = Response<Answer>> + Send>>;

enum Stage {
    /// Not begun.
    Ready(Work),
    /// In a task of its own.
    Spawned(JoinHandle<Response<Answer>>),
    /// Answered, or never to begin.
    Over,
}

impl Future for Running {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Most requests wait for nothing, and need no task.
        if let Stage::Ready(work) = &mut self.stage {
            let polled = work.as_mut().poll(cx);
            let Stage::Ready(work) = mem::replace(&mut self.stage, Stage::Over) else { return Poll::Pending };
            if let Poll::Ready(response) = polled {
                return Poll::Ready(Ok(response));
            }
            self.stage = Stage::Spawned(tokio::spawn(work));
        }
        let Stage::Spawned(task) = &mut self.stage else { return Poll::Pending };
        let answered = ready!(Pin::new(task).poll(cx));
        self.stage = Stage::Over;
        Poll::Ready(Ok(answered.unwrap_or_else(|error| failed(self.refuse, error))))
    }
}

impl Drop for Running {
    /// A client that hangs up right behind its request ends the connection before hyper polls what answers it. The request has
    /// arrived all the same.
    fn drop(&mut self) {
        if let Stage::Ready(work) = mem::replace(&mut self.stage, Stage::Over)
            && let Ok(runtime) = Handle::try_current()
        {
            drop(runtime.spawn(work));
        }
    }
}

/// A panic of a handler is answered where it happens; only one around the router comes here.
fn failed(refuse: Refuse, error: JoinError) -> Response<Answer> {
    let mut response = refuse(&Problem::Failed(error));
    response.headers_mut().insert(header::CONNECTION, CLOSE);
    response.map(|body| Answer { body: body.into(), is_last: true, progress: Arc::new(Progress::accepted()) })
}

/// The body of an answer. When it is over, the connection waits for the next request, or closes.
pub struct Answer {
    body: Body,
    is_last: bool,
    progress: Arc<Progress>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.is_last {
            let _ = self.progress.enter(Phase::Idle);
        }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
