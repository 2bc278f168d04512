//! What a server brings to its endpoint: who asks, and what runs documents.

use std::{future::Future, net::SocketAddr};

use async_graphql::Request;
use axum::http::HeaderMap;
use fieldguard_guard::{
    caller::Caller,
    execute::{Answer, Circumstances, Executor},
    on_denied::OnDenied,
    settings::Limits,
};
use serde_json::{Map, Value};

use crate::{refusal::Refusal, request_id::RequestId};

/// The head of a request, before its body is read.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The other end of the connection: the client's, or a proxy's.
    pub peer: Option<SocketAddr>,
    /// The id under which the log knows the request.
    pub id: &'a RequestId,
}

/// A document that is to run.
pub struct Incoming {
    /// The document, its variables and the name of its operation.
    pub request: Request,
    /// What the request has in `extensions` beside `onDenied`.
    pub extensions: Map<String, Value>,
    /// The id under which the log knows the request.
    pub request_id: String,
    /// Did it come by a way on which nothing may be changed?
    pub queries_only: bool,
    /// What becomes of fields that are refused.
    pub on_denied: OnDenied,
}

/// What came of a document, and the headers that its answer has beside the usual.
pub struct Outgoing {
    /// What came of the document.
    pub answer: Answer,
    /// Headers for the answer.
    pub headers: HeaderMap,
}

impl From<Answer> for Outgoing {
    fn from(answer: Answer) -> Self {
        Self { answer, headers: HeaderMap::new() }
    }
}

/// A server behind `/graphql`.
pub trait Endpoint: Clone + Send + Sync + 'static {
    /// What is known of a request before its body is read: for whom it acts, and what else the server wants to keep of its head.
    type Asker: Send;

    /// What documents are held to.
    fn limits(&self) -> &Limits;

    /// Finds out for whom a request acts. It is done again where the client kept the server waiting for the body: a request has
    /// begun when it is there, and rights that were taken away before must not act by it.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] where what the request says of its caller proves nothing.
    fn identify(&self, head: Head<'_>) -> impl Future<Output = Result<Self::Asker, Refusal>> + Send;

    /// Runs a document.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] where the request's `extensions` are not what they must be.
    fn execute(&self, incoming: Incoming, asker: Self::Asker)
    -> impl Future<Output = Result<Outgoing, Refusal>> + Send;
}

/// An [`Executor`] alone, with `identify` to find out for whom a request acts.
#[derive(Clone)]
pub struct Plain<F> {
    executor: Executor,
    identify: F,
}

impl<F: Fn(Head<'_>) -> Result<Caller, Refusal>> Plain<F> {
    /// An endpoint that runs documents by `executor`.
    #[must_use]
    pub const fn new(executor: Executor, identify: F) -> Self {
        Self { executor, identify }
    }
}

impl<F> Endpoint for Plain<F>
where
    F: Fn(Head<'_>) -> Result<Caller, Refusal> + Clone + Send + Sync + 'static,
{
    type Asker = Caller;

    fn limits(&self) -> &Limits {
        &self.executor.settings().limits
    }

    async fn identify(&self, head: Head<'_>) -> Result<Caller, Refusal> {
        (self.identify)(head)
    }

    async fn execute(&self, incoming: Incoming, caller: Caller) -> Result<Outgoing, Refusal> {
        let Incoming { request, request_id, queries_only, on_denied, .. } = incoming;
        let circumstances = Circumstances { caller, request_id, queries_only, on_denied };
        Ok(self.executor.execute(request, circumstances).await.into())
    }
}
