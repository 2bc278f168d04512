//! Passes requests from hyper to the router and answers back, and tracks the phase of the connection.
//!
//! hyper drops the future of a request when its connection ends. A request that has begun must still complete: its
//! changes must not be partial, and the client may not read the answer anyway. [`AnswerFuture`] therefore moves a
//! pending request into its own task, which keeps the connection's permit until it ends.

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
    remainder::{self, UnreadBody},
    slots::ConnectionPermit,
};
use crate::{Problem, settings::Refuse};

/// The header value that announces that the connection closes after this answer (RFC 9112, section 9.6).
pub const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A header that every client error from the router has and no answer that hyper generates: [`super::stream`] uses it
/// to tell them apart. Answers of other routes that lack it get it here.
pub const MARK: HeaderName = header::CACHE_CONTROL;

/// Answers the requests of one connection.
pub struct RequestService {
    /// The routes.
    pub router: Router,
    /// The client's address.
    pub peer: SocketAddr,
    /// The permit of the connection, with its progress.
    pub permit: Arc<ConnectionPermit>,
    /// The time that a client has to send a body.
    pub time_limit: Duration,
    /// The answer if the router panics.
    pub refuse: Refuse,
}

impl hyper::service::Service<Request<Incoming>> for RequestService {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = AnswerFuture;

    fn call(&self, request: Request<Incoming>) -> AnswerFuture {
        if !self.permit.progress.enter(Phase::Working) {
            // The connection was evicted while the request arrived. It closes before anything runs.
            return AnswerFuture { stage: Stage::Done, refuse: self.refuse };
        }
        let is_last = asks_to_close(&request);
        let (mut request, unread_body) = remainder::watch(request, self.time_limit);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(Arc::clone(&self.permit.progress));
        let answering = self.router.clone().call(request);
        let work = Box::pin(answer(answering, unread_body, is_last, Arc::clone(&self.permit)));
        AnswerFuture { stage: Stage::Ready(work), refuse: self.refuse }
    }
}

/// Whether this is the last request on its connection (RFC 9112, section 9.3).
fn asks_to_close(request: &Request<Incoming>) -> bool {
    let options = request.headers().get_all(header::CONNECTION).into_iter().filter_map(|value| value.to_str().ok());
    let mut options = options.flat_map(|value| value.split(',')).map(str::trim);
    if request.version() == Version::HTTP_11 {
        options.any(|option| option.eq_ignore_ascii_case("close"))
    } else {
        !options.any(|option| option.eq_ignore_ascii_case("keep-alive"))
    }
}

async fn answer<A>(
    answering: A,
    unread_body: Option<UnreadBody>,
    is_last: bool,
    permit: Arc<ConnectionPermit>,
) -> Response<Answer>
where
    A: Future<Output = Result<Response<Body>, Infallible>>,
{
    let progress = &permit.progress;
    let Ok(mut response) = answering.await;
    let mut is_last = is_last || progress.is_ending() || response.headers().contains_key(header::CONNECTION);
    // Another request can follow only if the body of this one is read completely.
    is_last = is_last || !is_read(unread_body, progress).await;
    if is_last {
        response.headers_mut().insert(header::CONNECTION, CLOSE);
    }
    if response.status().is_client_error() {
        response.headers_mut().entry(MARK).or_insert(HeaderValue::from_static("no-store"));
    }
    let _ = progress.enter(Phase::Answering);
    response.map(|body| Answer { body, is_last, progress: Arc::clone(progress) })
}

async fn is_read(unread_body: Option<UnreadBody>, progress: &Progress) -> bool {
    match unread_body {
        Some(unread_body) => unread_body.discard(progress).await,
        None => true,
    }
}

/// The future of an answer.
pub struct AnswerFuture {
    stage: Stage,
    refuse: Refuse,
}

type Work = Pin<Box<dyn Future<Output = Response<Answer>> + Send>>;

enum Stage {
    /// Not started.
    Ready(Work),
    /// Running in its own task.
    Spawned(JoinHandle<Response<Answer>>),
    /// Answered, or evicted before it started.
    Done,
}

impl Future for AnswerFuture {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Most requests complete at once and need no task.
        if let Stage::Ready(work) = &mut self.stage {
            let polled = work.as_mut().poll(cx);
            let Stage::Ready(work) = mem::replace(&mut self.stage, Stage::Done) else { return Poll::Pending };
            if let Poll::Ready(response) = polled {
                return Poll::Ready(Ok(response));
            }
            self.stage = Stage::Spawned(tokio::spawn(work));
        }
        let Stage::Spawned(task) = &mut self.stage else { return Poll::Pending };
        let answered = ready!(Pin::new(task).poll(cx));
        self.stage = Stage::Done;
        Poll::Ready(Ok(answered.unwrap_or_else(|error| failed(self.refuse, error))))
    }
}

impl Drop for AnswerFuture {
    /// A client that disconnects right after its request ends the connection before hyper polls this future. The
    /// request has arrived, so it still runs.
    fn drop(&mut self) {
        if let Stage::Ready(work) = mem::replace(&mut self.stage, Stage::Done)
            && let Ok(runtime) = Handle::try_current()
        {
            drop(runtime.spawn(work));
        }
    }
}

/// The router answers panics of handlers; only a panic outside the router gets here.
fn failed(refuse: Refuse, error: JoinError) -> Response<Answer> {
    let mut response = refuse(&Problem::Failed(error));
    response.headers_mut().insert(header::CONNECTION, CLOSE);
    response.map(|body| Answer { body: body.into(), is_last: true, progress: Arc::new(Progress::accepted()) })
}

/// The body of an answer. After it, the connection waits for the next request or closes.
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
