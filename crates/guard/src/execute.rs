//! The one door through which every transport runs a document: limits, parsing, rules, execution, and errors in their final
//! form.
//!
//! A transport brings a request and a caller and gets an [`Answer`]; how that looks on the wire is its own business. A server
//! that does more with a request than answering it, such as keeping a record, takes the steps one by one:
//! [`Executor::prepare`], [`Executor::run`], [`Operation::settle`].

mod answer;
mod operation;
mod timed;

use std::{future::Future, pin::Pin, sync::Arc};

use async_graphql::{
    ObjectType, Request, Response, SchemaBuilder, SubscriptionType, ValidationMode, Variables,
    parser::types::OperationType,
};

pub use self::{
    answer::{Answer, Outcome, Stop},
    operation::{Operation, Run},
};
use crate::{
    admission::{self, Admission, AdmittedRequest, Inadmissible},
    caller::Caller,
    code::Code,
    door::Door,
    failed_changes,
    failure::Failure,
    on_denied::{self, OnDenied},
    registry::{self, Policy},
    settings::Settings,
};

type Execute = dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

/// Runs documents against one schema, whichever it is. Cheap to clone.
#[derive(Clone)]
pub struct Executor(pub(crate) Arc<Inner>);

/// What executors of one schema share.
pub(crate) struct Inner {
    execute: Box<Execute>,
    pub(crate) admission: Admission,
    pub(crate) policy: Arc<Policy>,
}

/// For whom a document is run, and how it came.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// For whom.
    pub caller: Caller,
    /// The id under which the log knows this request.
    pub request_id: String,
    /// Did the request come by a way on which nothing may be changed?
    pub queries_only: bool,
    /// What becomes of fields that are refused.
    pub on_denied: OnDenied,
}

impl From<Inadmissible> for Stop {
    fn from(reason: Inadmissible) -> Self {
        match reason {
            Inadmissible::Failed(failure) => failure.into(),
            Inadmissible::Invalid { errors, failed_changes } => {
                Self { outcome: Outcome::Refused, errors, failed_changes }
            }
        }
    }
}

impl Executor {
    /// An executor for the [completed](registry::complete) `schema`, which holds documents to `settings`. Resolvers find a [`Door`]
    /// to it in the schema's data.
    #[must_use]
    pub fn new<Q, M, S>(schema: SchemaBuilder<Q, M, S>, settings: Settings) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let door = Door::default();
        let (schema, types) = registry::inspect(schema.data(door.clone()), registry::copy);
        // Admission has validated what is run, and a suggestion may name what the caller must not know of.
        let schema = schema.validation_mode(ValidationMode::Fast).disable_suggestions().finish();
        let policy = schema.data::<Arc<Policy>>().cloned().unwrap_or_else(|| Arc::new(Policy::of(&types)));
        let admission = Admission::new(&types, policy.clone(), settings);
        let execute = move |request| -> Pin<Box<dyn Future<Output = Response> + Send>> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        let executor = Self(Arc::new(Inner { execute: Box::new(execute), admission, policy }));
        door.lead_to(&executor);
        executor
    }

    /// What documents are held to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.admission.settings
    }

    /// Runs a document. Never panics on its text, however it is made.
    pub async fn execute(&self, request: Request, circumstances: Circumstances) -> Answer {
        let id = circumstances.request_id.clone();
        let (request, operation) = match Box::pin(self.prepare(request, circumstances)).await {
            Ok(prepared) => prepared,
            Err(stop) => return self.stopped(stop, &id),
        };
        match self.run(request, &operation).await {
            Run::Answered(response) => operation.settle(response),
            Run::Overdue(failure) => Answer::failed(failure, &id),
        }
    }

    /// The request as it is to run, with what is known of its operation. Nothing was done so far.
    ///
    /// # Errors
    ///
    /// Why it is not to run.
    pub async fn prepare(&self, request: Request, circumstances: Circumstances) -> Result<(Request, Operation), Stop> {
        let Circumstances { caller, request_id, queries_only, on_denied } = circumstances;
        let inner = &self.0;
        let AdmittedRequest { mut request, admitted, document } =
            inner.admission.admit(request, caller.rules()).await?;
        let (_, definition) = admission::operation(&document, None)?;
        let kind = definition.ty;
        if queries_only && kind != OperationType::Query {
            let failure = Failure::new(Code::BadRequest, "Only queries may be sent like this.");
            return Err(Stop { outcome: Outcome::NoQuery, ..failure.into() });
        }
        if on_denied.judges_before(kind) {
            on_denied::judge(on_denied, &inner.policy, definition, caller.rules()).map_err(|errors| {
                let root = inner.admission.mutation_type();
                let failed_changes = failed_changes::of(root, &errors, definition, &Variables::default(), true);
                Stop { outcome: Outcome::Denied, errors, failed_changes }
            })?;
        }
        let operation = Operation::of(self, &mut request, kind, admitted, on_denied, request_id);
        request.data.insert(caller);
        request.set_parsed_query(document);
        Ok((request, operation))
    }

    /// The answer to a document that does not run.
    #[must_use]
    pub fn stopped(&self, stop: Stop, request_id: &str) -> Answer {
        Answer::refused(stop.outcome, stop.errors, self.settings().limits.errors, request_id)
    }
}
