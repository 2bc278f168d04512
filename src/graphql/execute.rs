//! The one door through which every transport runs a document: limits, parsing, execution, and errors in their final form.
//!
//! A transport brings a request and a caller and gets an [`Answer`]; how that looks on the wire is its own business.

mod answer;
mod record;
mod timed;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use async_graphql::{
    ObjectType, Request, Response, SchemaBuilder, ServerError, SubscriptionType, ValidationMode, Variables,
    parser::types::OperationType,
};
use tokio::time::timeout;

pub use self::answer::{Answer, Outcome};
use self::{
    record::{Asked, Record, Underway},
    timed::Timed,
};
use super::{
    admission::{self, Admission, AdmittedRequest, Inadmissible},
    caller::Caller,
    door::Door,
    error::{ApiError, Code},
    failure::{self, Failure},
    on_denied::{self, OnDenied},
    reads::Reads,
    refresh_cookie::{Presented, RefreshCookie},
    refusals,
    registry::{self, Policy},
    settings::Settings,
    unanswered::Unanswered,
    view_as,
};
use crate::{
    accounts::{
        Accounts,
        audit::{Performed, Refused},
    },
    domain::session::Client,
};

type Run = dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

/// Runs documents against one schema, whichever it is. Cheap to clone.
#[derive(Clone)]
pub struct Executor(pub(super) Arc<Inner>);

/// What executors of one schema share.
pub(super) struct Inner {
    run: Box<Run>,
    accounts: Accounts,
    pub(super) admission: Admission,
    pub(super) policy: Arc<Policy>,
}

/// For whom and from where a document is run.
pub struct Circumstances {
    /// The principal, or nobody.
    pub caller: Caller,
    /// Where the request comes from.
    pub client: Client,
    /// The refresh token in the request's cookie.
    pub refresh_cookie: Presented,
    /// The id under which the log knows this request.
    pub request_id: String,
    /// Did the request come by a way on which nothing may be changed?
    pub queries_only: bool,
    /// What becomes of fields that are refused, where the request itself does not say.
    pub on_denied: OnDenied,
}

/// Why a document is not run, and with which errors.
struct Stop {
    outcome: Outcome,
    errors: Vec<ServerError>,
    /// The changes that were refused with it.
    refusals: Vec<Refused>,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self { outcome: Outcome::of(&failure), errors: vec![failure.into()], refusals: Vec::new() }
    }
}

impl From<Inadmissible> for Stop {
    fn from(reason: Inadmissible) -> Self {
        match reason {
            Inadmissible::Failed(failure) => failure.into(),
            Inadmissible::Invalid { errors, refusals } => Self { outcome: Outcome::Refused, errors, refusals },
        }
    }
}

impl Executor {
    /// An executor for `schema`, whose rules `policy` holds, and which holds documents to the limits in `settings`. It asks
    /// `accounts` for the roles as which the schema may be seen, and nothing else. A [`Door`] in the schema's data leads to
    /// it from then on.
    #[must_use]
    pub fn new<Q, M, S>(
        schema: SchemaBuilder<Q, M, S>,
        policy: Arc<Policy>,
        settings: Settings,
        accounts: Accounts,
    ) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let (schema, types) = registry::inspect(schema, registry::copy);
        // Admission has validated what is run, and a suggestion may name what the caller must not know of.
        let schema = schema.validation_mode(ValidationMode::Fast).disable_suggestions().finish();
        let admission = Admission::new(&types, policy.clone(), settings);
        let door = schema.data::<Door>().cloned();
        let run = move |request| -> Pin<Box<dyn Future<Output = Response> + Send>> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        let executor = Self(Arc::new(Inner { run: Box::new(run), accounts, admission, policy }));
        if let Some(door) = door {
            door.lead_to(&executor);
        }
        executor
    }

    /// What documents are held to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.admission.settings
    }

    /// Runs a document. Never panics on its text, however it is made.
    pub async fn execute(&self, request: Request, circumstances: Circumstances) -> Answer {
        let Circumstances { caller, client, refresh_cookie, request_id, queries_only, on_denied } = circumstances;
        let on_denied = OnDenied::of(&request).unwrap_or(on_denied);
        let cookie = Arc::new(RefreshCookie::new(refresh_cookie));
        let client = Client { request_id: Some(request_id.clone()), ..client };
        let record = Record { accounts: &self.0.accounts, caller: caller.clone(), client: client.clone() };
        let reads = Arc::new(Reads::default());
        let unanswered = Arc::new(Unanswered::default());
        let (request, asked) = match Box::pin(self.prepare(request, caller, queries_only, on_denied)).await {
            Ok((request, asked)) => (request.data(client).data(cookie.clone()).data(reads.clone()), asked),
            Err(Stop { outcome, errors, refusals }) => {
                return match record.write(Performed { refusals, ..Performed::default() }).await {
                    Ok(()) => self.refused(outcome, errors, &request_id),
                    Err(failure) => Answer::failed(failure, &request_id),
                };
            }
        };
        let request = if asked.kind == OperationType::Mutation { request.data(unanswered.clone()) } else { request };
        let underway = Underway { record: &record, asked: &asked, unanswered };
        let mut running = Timed::new(self.run(request));
        let Ok(mut response) = timeout(self.settings().limits.execution, &mut running).await else {
            let computed = running.computed();
            // Before anything is written: what it held of the database must be free again.
            drop(running);
            let refusals = underway.refusals();
            // How long it took can tell of what was read.
            let (reads, sought) = reads.take();
            let written = record.write_of(asked.kind, Performed { reads, sought, refusals }).await;
            let failure = written.err().unwrap_or_else(|| self.overdue(asked.kind, computed, &request_id));
            return Answer::failed(failure, &request_id);
        };
        underway.unanswered.take();
        let executed = failure::was_executed(&response);
        failure::complete(&mut response.errors, executed, &request_id);
        let refusals = asked.refusals(&response.errors);
        let denied = on_denied::settle(on_denied, asked.kind, self.settings().limits.errors, &mut response);
        // Where a refusal stands tells of the data, too: what was read is recorded whatever becomes of the answer.
        let (reads, sought) = reads.take();
        if let Err(failure) = record.write_of(asked.kind, Performed { reads, sought, refusals }).await {
            return Answer::failed(failure, &request_id);
        }
        if let Some(refusals) = denied {
            return self.refused(Outcome::Denied, refusals, &request_id);
        }
        response.errors.truncate(self.settings().limits.errors);
        let outcome = if executed { Outcome::Executed } else { Outcome::Refused };
        let is_of_mutation = asked.kind == OperationType::Mutation;
        Answer { outcome, response, is_of_mutation, refresh_cookie: cookie.change() }
    }

    /// What the schema itself makes of a request.
    pub(super) fn run(&self, request: Request) -> Pin<Box<dyn Future<Output = Response> + Send>> {
        (self.0.run)(request)
    }

    /// The request as it is to run, and what kind of operation it is.
    async fn prepare(
        &self,
        request: Request,
        caller: Caller,
        queries_only: bool,
        on_denied: OnDenied,
    ) -> Result<(Request, Asked<'_>), Stop> {
        let AdmittedRequest { mut request, admitted, document } =
            self.0.admission.admit(request, caller.0.as_deref()).await?;
        let (_, operation) = admission::operation(&document, None)?;
        if queries_only && operation.ty != OperationType::Query {
            let failure = Failure::new(Code::BadRequest, "Only queries may be sent like this.");
            return Err(Stop { outcome: Outcome::NoQuery, ..failure.into() });
        }
        if on_denied.judges_before(operation.ty) {
            let principal = caller.0.as_deref();
            on_denied::judge(on_denied, &self.0.policy, operation, principal).map_err(|errors| {
                let refusals =
                    refusals::of(self.0.admission.mutation_type(), &errors, operation, &Variables::default(), true);
                Stop { outcome: Outcome::Denied, errors, refusals }
            })?;
        }
        let asks_for_schema = admitted.asks_for_schema;
        let asked = Asked::by(&mut request, operation.ty, admitted, self.0.admission.mutation_type());
        request.operation_name = None;
        request.set_parsed_query(document);
        let request =
            view_as::for_whom(request, caller, asks_for_schema, &self.0.accounts).await.map_err(Failure::from)?;
        Ok((request, asked))
    }

    fn refused(&self, outcome: Outcome, mut errors: Vec<ServerError>, request_id: &str) -> Answer {
        errors.truncate(self.settings().limits.errors);
        Answer::refused(outcome, errors, request_id)
    }

    /// The error of an operation of that kind that ran out of its time, of which it spent `computed` on its own work.
    ///
    /// The document is at fault only where that work took most of the time. Otherwise the operation waited, for the database
    /// or for a password hash, and the client can do nothing about it. What a mutation changed before is unknown here.
    fn overdue(&self, kind: OperationType, computed: Duration, request_id: &str) -> Failure {
        let limit = self.settings().limits.execution;
        if kind == OperationType::Mutation || computed < limit / 2 {
            tracing::error!(request_id, ?limit, ?computed, "an operation ran out of its time while it waited");
            return ApiError::overdue(kind == OperationType::Mutation).into();
        }
        let message = format!("The operation ran longer than {limit:?}, which is the limit. Ask for less at once.");
        Failure::new(Code::QueryTooComplex, message)
            .with("limit", "executionSeconds")
            .with("maximum", limit.as_secs_f64())
    }
}
