//! The interface between HTTP and a server: authentication and document execution.

use std::{collections::BTreeSet, future::Future, net::SocketAddr, time::Duration};

use async_graphql::{Request, parser::types::OperationType};
use axum::http::HeaderMap;
use fieldguard_guard::{
    caller::Caller,
    execute::{Answer, Executor, RequestContext},
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
    /// The address of the peer: the client or a proxy.
    pub peer: Option<SocketAddr>,
    /// The request ID that the log shows.
    pub id: &'a RequestId,
}

/// A document to run.
pub struct Incoming {
    /// The document with its variables and operation name. Its answer is meant for
    /// [`encode`](fieldguard_guard::json::encode): objects in its data may already be written as JSON.
    pub request: Request,
    /// The request's `extensions` except `onDenied`.
    pub extensions: Map<String, Value>,
    /// The request ID that the log shows.
    pub request_id: String,
    /// Whether the request may only run queries, as with HTTP GET.
    pub queries_only: bool,
    /// How to report denied fields.
    pub on_denied: OnDenied,
}

/// The result of a document, with additional headers for the answer.
pub struct Outgoing {
    /// The result of the document.
    pub answer: Answer,
    /// Additional headers for the answer.
    pub headers: HeaderMap,
}

impl From<Answer> for Outgoing {
    fn from(answer: Answer) -> Self {
        Self { answer, headers: HeaderMap::new() }
    }
}

/// A request whose answer is complete.
pub struct Finished<'a> {
    /// From the head of the request to its answer.
    pub duration: Duration,
    /// `extensions.code` of the first error; `None` without errors.
    pub code: Option<&'a str>,
    /// `extensions.limit` of the first error: the limit that the request exceeds.
    pub limit: Option<&'a str>,
    /// The type of the operation. `None` if none ran.
    pub operation: Option<OperationType>,
    /// The coordinates of the denied fields.
    pub denied: &'a BTreeSet<String>,
}

/// The server behind `/graphql`.
pub trait Endpoint: Send + Sync + 'static {
    /// What the server knows about a request before the body is read: the caller, and anything else it keeps from the
    /// head.
    type Asker: Send;

    /// The limits on documents.
    fn limits(&self) -> &Limits;

    /// Authenticates the request. This runs again if the client delayed the body: the request begins when it is
    /// complete, and permissions that were revoked before must not apply.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the credentials are not valid.
    fn identify(&self, head: Head<'_>) -> impl Future<Output = Result<Self::Asker, Refusal>> + Send;

    /// Runs a document.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the request's `extensions` are not valid.
    fn execute(&self, incoming: Incoming, asker: Self::Asker)
    -> impl Future<Output = Result<Outgoing, Refusal>> + Send;

    /// Measures a request. It delays the answer, so it must not wait.
    fn finished(&self, _request: &Finished<'_>) {}
}

/// An endpoint for an [`Executor`] without further features. `identify` authenticates a request.
pub struct Plain<F> {
    executor: Executor,
    identify: F,
}

impl<F: Fn(Head<'_>) -> Result<Caller, Refusal>> Plain<F> {
    /// Creates an endpoint that runs documents with `executor`.
    #[must_use]
    pub const fn new(executor: Executor, identify: F) -> Self {
        Self { executor, identify }
    }
}

impl<F> Endpoint for Plain<F>
where
    F: Fn(Head<'_>) -> Result<Caller, Refusal> + Send + Sync + 'static,
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
        let context = RequestContext { caller, request_id, queries_only, on_denied };
        Ok(self.executor.execute(request, context).await.into())
    }
}
