//! From hyper to the router and back, noting on the way how far the connection is.

use std::{
    convert::Infallible,
    future::pending,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::body::{Frame, Incoming, SizeHint};
use tower_service::Service as _;

use super::progress::{Phase, Progress};

/// Answers the requests of one connection.
pub struct Answering {
    /// The routes.
    pub router: Router,
    /// Who sends.
    pub peer: SocketAddr,
    /// How far the connection is.
    pub progress: Arc<Progress>,
}

impl hyper::service::Service<Request<Incoming>> for Answering {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let progress = Arc::clone(&self.progress);
        if !progress.enter(Phase::Working) {
            // The connection was sent away while the request arrived: it ends before anything is done.
            return Box::pin(pending());
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(Arc::clone(&progress));
        let answer = self.router.clone().call(request);
        Box::pin(async move {
            let response = answer.await?;
            let _ = progress.enter(Phase::Answering);
            Ok(response.map(|body| Answer { body, progress }))
        })
    }
}

/// The body of an answer. When it is over, the connection waits for the next request.
pub struct Answer {
    body: Body,
    progress: Arc<Progress>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        let _ = self.progress.enter(Phase::Idle);
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
