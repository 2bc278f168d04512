//! One operation, from preparation to its answer.

use std::{mem, sync::Arc, time::Duration};

use async_graphql::{Name, Request, Response, ServerError, Variables, parser::types::OperationType};
use tokio::time::timeout;

use super::{Answer, Executor, Outcome, answer::denied, timed::Timed};
use crate::{
    admission,
    code::Code,
    documents::AdmittedDocument,
    failed_changes::{self, FailedChange},
    failure::{self, Failure},
    on_denied::{self, OnDenied},
    unanswered::Unanswered,
};

/// An operation that is ready to run, with what its answer needs.
pub struct Operation {
    pub(super) executor: Executor,
    pub(super) kind: OperationType,
    pub(super) on_denied: OnDenied,
    pub(super) request_id: String,
    admitted: Arc<AdmittedDocument>,
    name: Option<Name>,
    variables: Variables,
    unanswered: Arc<Unanswered>,
}

/// The result of running an operation.
pub enum Run {
    /// The data and all errors, each with its code and path.
    Answered(Response),
    /// The operation timed out. The failure is for the client. What a mutation changed before the timeout is unknown.
    Overdue(Failure),
}

impl Operation {
    /// Takes the variables out of `request`. They are needed after execution, and are already substituted in the
    /// document.
    pub(super) fn of(
        executor: &Executor,
        request: &mut Request,
        kind: OperationType,
        name: Option<Name>,
        admitted: Arc<AdmittedDocument>,
        on_denied: OnDenied,
        request_id: String,
    ) -> Self {
        request.operation_name = None;
        let variables = mem::take(&mut request.variables);
        let unanswered = Arc::new(Unanswered::default());
        if kind == OperationType::Mutation {
            request.data.insert(unanswered.clone());
        }
        Self { executor: executor.clone(), kind, on_denied, request_id, admitted, name, variables, unanswered }
    }

    /// Whether the operation is a query, a mutation or a subscription.
    #[must_use]
    pub const fn kind(&self) -> OperationType {
        self.kind
    }

    /// Whether the document contains only introspection queries.
    #[must_use]
    pub fn asks_for_schema(&self) -> bool {
        self.admitted.asks_for_schema
    }

    /// The mutations that failed, according to the errors of the answer before [`settle`](Self::settle).
    #[must_use]
    pub fn failed_changes(&self, errors: &[ServerError]) -> Vec<FailedChange> {
        if errors.is_empty() {
            return Vec::new();
        }
        let root = self.executor.0.admission.mutation_type();
        match admission::operation(&self.admitted.document, self.name.as_ref().map(Name::as_str)) {
            Ok((_, operation)) => failed_changes::of(root, errors, operation, &self.variables, false),
            Err(_) => Vec::new(),
        }
    }

    /// The mutations that failed without an answer, because the operation timed out or was dropped. A second call
    /// returns none of them.
    #[must_use]
    pub fn take_unanswered(&self) -> Vec<FailedChange> {
        self.failed_changes(&self.unanswered.take())
    }

    /// Completes the answer: reports denied fields as the request asks.
    #[must_use]
    pub fn settle(&self, mut response: Response) -> Answer {
        let limit = self.executor.settings().limits.errors;
        let executed = failure::was_executed(&response);
        let denied = denied(&response.errors);
        if let Some(refusals) = on_denied::settle(self.on_denied, self.kind, limit, &mut response) {
            let answer = Answer::refused(Outcome::Denied, refusals, limit, &self.request_id);
            return Answer { operation: Some(self.kind), name: self.name.clone(), denied, ..answer };
        }
        response.errors.truncate(limit);
        let outcome = if executed { Outcome::Executed } else { Outcome::Refused };
        let is_of_mutation = self.kind == OperationType::Mutation;
        let name = self.name.clone();
        Answer { outcome, response, is_of_mutation, operation: Some(self.kind), name, denied }
    }
}

impl Executor {
    /// Runs `operation` within the execution time limit.
    pub async fn run(&self, request: Request, operation: &Operation) -> Run {
        let limit = self.settings().limits.execution;
        let mut running = Timed::new((self.0.execute)(request));
        let Ok(mut response) = timeout(limit, &mut running).await else {
            let computed = running.computed();
            // Drop it before anything is written: it may hold database resources.
            drop(running);
            return Run::Overdue(overdue(operation, limit, computed));
        };
        operation.unanswered.take();
        let executed = failure::was_executed(&response);
        failure::complete(&mut response.errors, executed, &operation.request_id);
        Run::Answered(response)
    }
}

/// The error of an operation that timed out after spending `computed` on its own work.
///
/// The document is at fault only if that work took most of the time. Otherwise the operation waited for the database or
/// a password hash, and the client can't change that. What a mutation changed before the timeout is unknown.
fn overdue(operation: &Operation, limit: Duration, computed: Duration) -> Failure {
    let is_mutation = operation.kind == OperationType::Mutation;
    if is_mutation || computed < limit / 2 {
        let request_id = &operation.request_id;
        tracing::error!(request_id, ?limit, ?computed, "operation timed out while waiting");
        return Failure::overdue(is_mutation);
    }
    let message = format!("The operation took longer than the limit of {limit:?}. Request less data at once.");
    Failure::new(Code::QueryTooComplex, message).with("limit", "executionSeconds").with("maximum", limit.as_secs_f64())
}
