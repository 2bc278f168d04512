//! Document execution, shared by all transports: limits, parsing, rules, execution and errors in their final form.
//!
//! A transport passes a request and a caller and gets an [`Answer`], which it encodes. A server that does more with a
//! request, such as writing an audit log, calls the steps itself: [`Executor::prepare`], [`Executor::run`],
//! [`Operation::settle`].

mod answer;
mod operation;
mod timed;

use std::{future::Future, pin::Pin, sync::Arc};

use async_graphql::{
    ObjectType, Request, Response, SchemaBuilder, SubscriptionType, ValidationMode, Variables,
    parser::types::OperationType,
};

use fieldguard_policy::Principal;

pub use self::{
    answer::{Answer, Outcome, Stop},
    operation::{Operation, Run},
};
use crate::{
    admission::{self, Admission, AdmissionError, AdmittedRequest},
    caller::Caller,
    code::Code,
    executor_handle::ExecutorHandle,
    failed_changes,
    failure::Failure,
    on_denied::{self, OnDenied},
    registry::{self, Policy},
    settings::{Introspection, Settings},
    visibility::SchemaView,
};

type Execute = dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

/// Runs documents against one schema. Cheap to clone.
#[derive(Clone)]
pub struct Executor(pub(crate) Arc<Inner>);

/// State that clones of an executor share.
pub(crate) struct Inner {
    execute: Box<Execute>,
    pub(crate) admission: Admission,
    pub(crate) policy: Arc<Policy>,
}

/// The context of a request: its caller and how it arrived.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    /// The caller.
    pub caller: Caller,
    /// The request ID that the log shows.
    pub request_id: String,
    /// Whether the request may only run queries, as with HTTP GET.
    pub queries_only: bool,
    /// How to report denied fields.
    pub on_denied: OnDenied,
}

impl From<AdmissionError> for Stop {
    fn from(reason: AdmissionError) -> Self {
        match reason {
            AdmissionError::Failed(failure) => failure.into(),
            AdmissionError::Invalid { errors, failed_changes } => {
                Self { outcome: Outcome::Refused, errors, failed_changes }
            }
        }
    }
}

impl Executor {
    /// Creates an executor for the [completed](registry::complete) `schema` with these `settings`. Resolvers get it
    /// through the [`ExecutorHandle`] in the schema's data.
    #[must_use]
    pub fn new<Q, M, S>(schema: SchemaBuilder<Q, M, S>, settings: Settings) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let handle = ExecutorHandle::default();
        let (schema, types) = registry::inspect(schema.data(handle.clone()), registry::copy);
        // Admission has already validated the document, and a suggestion could name something hidden from the caller.
        let schema = schema.validation_mode(ValidationMode::Fast).disable_suggestions().finish();
        let policy = schema.data::<Arc<Policy>>().cloned().unwrap_or_else(|| Arc::new(Policy::of(&types)));
        let admission = Admission::new(&types, policy.clone(), settings);
        let execute = move |request| -> Pin<Box<dyn Future<Output = Response> + Send>> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        let executor = Self(Arc::new(Inner { execute: Box::new(execute), admission, policy }));
        handle.set(&executor);
        executor
    }

    /// The introspection setting and the limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.admission.settings
    }

    /// How often a document was in the cache of admitted documents, and how often it was not.
    #[must_use]
    pub fn document_cache_use(&self) -> (u64, u64) {
        self.0.admission.document_cache_use()
    }

    /// What introspection shows `caller`.
    #[must_use]
    pub fn schema_view(&self, caller: Option<&dyn Principal>) -> SchemaView {
        match self.0.admission.introspection(caller) {
            Introspection::Full => SchemaView::Whole,
            Introspection::Role | Introspection::Off => SchemaView::Caller,
        }
    }

    /// Runs a document. No document text makes it panic.
    pub async fn execute(&self, request: Request, context: RequestContext) -> Answer {
        let id = context.request_id.clone();
        let (request, operation) = match Box::pin(self.prepare(request, context)).await {
            Ok(prepared) => prepared,
            Err(stop) => return self.stopped(stop, &id),
        };
        match self.run(request, &operation).await {
            Run::Answered(response) => operation.settle(response),
            Run::Overdue(failure) => Answer::failed(failure, &id),
        }
    }

    /// Checks the request and returns it ready to run, with its operation. Nothing has run yet.
    ///
    /// # Errors
    ///
    /// A [`Stop`] with the errors to report.
    pub async fn prepare(&self, request: Request, context: RequestContext) -> Result<(Request, Operation), Stop> {
        let RequestContext { caller, request_id, queries_only, on_denied } = context;
        let inner = &self.0;
        let AdmittedRequest { mut request, name, admitted, document } =
            inner.admission.admit(request, caller.rules()).await?;
        let (_, definition) = admission::operation(&document, None)?;
        let kind = definition.ty;
        if queries_only && kind != OperationType::Query {
            let failure =
                Failure::new(Code::BadRequest, "This request may only contain a query. Send mutations with POST.");
            return Err(Stop { outcome: Outcome::NoQuery, ..failure.into() });
        }
        if on_denied.judges_before(kind) {
            on_denied::judge(on_denied, &inner.policy, definition, caller.rules()).map_err(|errors| {
                let root = inner.admission.mutation_type();
                let failed_changes = failed_changes::of(root, &errors, definition, &Variables::default(), true);
                Stop { outcome: Outcome::Denied, errors, failed_changes }
            })?;
        }
        let operation = Operation::of(self, &mut request, kind, name, admitted, on_denied, request_id);
        request.data.insert(caller);
        request.set_parsed_query(document);
        Ok((request, operation))
    }

    /// The answer to a document that did not run.
    #[must_use]
    pub fn stopped(&self, stop: Stop, request_id: &str) -> Answer {
        Answer::refused(stop.outcome, stop.errors, self.settings().limits.errors, request_id)
    }
}
