//! One operation on its way to an answer.

use std::{mem, sync::Arc, time::Duration};

use async_graphql::{Request, Response, ServerError, Variables, parser::types::OperationType};
use tokio::time::timeout;

use super::{Answer, Executor, Outcome, timed::Timed};
use crate::{
    admission,
    code::Code,
    documents::Admitted,
    failed_changes::{self, FailedChange},
    failure::{self, Failure},
    on_denied::{self, OnDenied},
    unanswered::Unanswered,
};

/// An operation that may run, and what its answer is made by.
pub struct Operation {
    pub(super) executor: Executor,
    pub(super) kind: OperationType,
    pub(super) on_denied: OnDenied,
    pub(super) request_id: String,
    admitted: Arc<Admitted>,
    name: Option<String>,
    variables: Variables,
    unanswered: Arc<Unanswered>,
}

/// What came of running an operation.
pub enum Run {
    /// The data and all errors, each with its code and its path.
    Answered(Response),
    /// It ran out of its time. Why, is for the client; what a mutation changed before is unknown.
    Overdue(Failure),
}

impl Operation {
    /// Takes from `request` what is needed after it ran: what runs has the values of variables in it.
    pub(super) fn of(
        executor: &Executor,
        request: &mut Request,
        kind: OperationType,
        admitted: Arc<Admitted>,
        on_denied: OnDenied,
        request_id: String,
    ) -> Self {
        let (name, variables) = (request.operation_name.take(), mem::take(&mut request.variables));
        let unanswered = Arc::new(Unanswered::default());
        if kind == OperationType::Mutation {
            request.data.insert(unanswered.clone());
        }
        Self { executor: executor.clone(), kind, on_denied, request_id, admitted, name, variables, unanswered }
    }

    /// Whether it asks, changes or subscribes.
    #[must_use]
    pub const fn kind(&self) -> OperationType {
        self.kind
    }

    /// Does the document ask for the schema and for nothing else?
    #[must_use]
    pub fn asks_for_schema(&self) -> bool {
        self.admitted.asks_for_schema
    }

    /// The changes it asked for that failed by these errors of its answer, before the answer is settled.
    #[must_use]
    pub fn failed_changes(&self, errors: &[ServerError]) -> Vec<FailedChange> {
        if errors.is_empty() {
            return Vec::new();
        }
        let root = self.executor.0.admission.mutation_type();
        match admission::operation(&self.admitted.document, self.name.as_deref()) {
            Ok((_, operation)) => failed_changes::of(root, errors, operation, &self.variables, false),
            Err(_) => Vec::new(),
        }
    }

    /// The changes that failed while it ran and that no answer tells of, since it ran out of its time or is given up. They are
    /// forgotten with this.
    #[must_use]
    pub fn take_unanswered(&self) -> Vec<FailedChange> {
        self.failed_changes(&self.unanswered.take())
    }

    /// The answer of the operation, in which refused fields became what the request wants.
    #[must_use]
    pub fn settle(&self, mut response: Response) -> Answer {
        let limit = self.executor.settings().limits.errors;
        let executed = failure::was_executed(&response);
        if let Some(refusals) = on_denied::settle(self.on_denied, self.kind, limit, &mut response) {
            return Answer::refused(Outcome::Denied, refusals, limit, &self.request_id);
        }
        response.errors.truncate(limit);
        let outcome = if executed { Outcome::Executed } else { Outcome::Refused };
        Answer { outcome, response, is_of_mutation: self.kind == OperationType::Mutation }
    }
}

impl Executor {
    /// Runs `operation`, for as long as the limits let it.
    pub async fn run(&self, request: Request, operation: &Operation) -> Run {
        let limit = self.settings().limits.execution;
        let mut running = Timed::new((self.0.execute)(request));
        let Ok(mut response) = timeout(limit, &mut running).await else {
            let computed = running.computed();
            // Before anything is written: what it held of the database must be free again.
            drop(running);
            return Run::Overdue(overdue(operation, limit, computed));
        };
        operation.unanswered.take();
        let executed = failure::was_executed(&response);
        failure::complete(&mut response.errors, executed, &operation.request_id);
        Run::Answered(response)
    }
}

/// The error of an operation that ran out of its time, of which it spent `computed` on its own work.
///
/// The document is at fault only where that work took most of the time. Otherwise the operation waited, for the database or for a
/// password hash, and the client can do nothing about it. What a mutation changed before is unknown here.
fn overdue(operation: &Operation, limit: Duration, computed: Duration) -> Failure {
    let is_mutation = operation.kind == OperationType::Mutation;
    if is_mutation || computed < limit / 2 {
        let request_id = &operation.request_id;
        tracing::error!(request_id, ?limit, ?computed, "an operation ran out of its time while it waited");
        return Failure::overdue(is_mutation);
    }
    let message = format!("The operation ran longer than {limit:?}, which is the limit. Ask for less at once.");
    Failure::new(Code::QueryTooComplex, message).with("limit", "executionSeconds").with("maximum", limit.as_secs_f64())
}
