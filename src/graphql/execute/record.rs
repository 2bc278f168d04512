//! What a request leaves in the audit trail beside its changes, whether or not its answer comes to leave. What is a refusal
//! and what was read is found elsewhere.

use std::sync::Arc;

use async_graphql::{Request, ServerError, Variables, parser::types::OperationType};

use crate::{
    accounts::{
        self, Accounts,
        audit::{Performed, Refused},
    },
    domain::session::Client,
    graphql::{
        admission, caller::Caller, documents::Admitted, error::ApiError, failure::Failure, refusals,
        unanswered::Unanswered,
    },
};

/// Writes what a request did to the audit trail.
pub(super) struct Record<'a> {
    pub(super) accounts: &'a Accounts,
    pub(super) caller: Caller,
    pub(super) client: Client,
}

impl Record<'_> {
    /// Writes what a request did that changed nothing.
    pub(super) async fn write(&self, performed: Performed) -> Result<(), Failure> {
        self.try_to(performed).await.map_err(|error| ApiError::from(error).into())
    }

    /// Writes what a request did, of that kind, that ran. After a mutation, the error says that a change may have been made.
    pub(super) async fn write_of(&self, kind: OperationType, performed: Performed) -> Result<(), Failure> {
        let failed = |error| match kind {
            OperationType::Mutation => ApiError::uncertain(error).into(),
            OperationType::Query | OperationType::Subscription => ApiError::from(error).into(),
        };
        self.try_to(performed).await.map_err(failed)
    }

    async fn try_to(&self, performed: Performed) -> Result<(), accounts::error::Error> {
        self.accounts.record(self.caller.0.as_deref(), &self.client, performed).await
    }
}

/// What was asked for, as far as refusals speak of it.
pub(super) struct Asked<'a> {
    pub(super) kind: OperationType,
    admitted: Arc<Admitted>,
    operation_name: Option<String>,
    variables: Variables,
    mutation_type: &'a str,
}

impl<'a> Asked<'a> {
    /// Takes the variables from the request: what runs has their values in it.
    pub(super) fn by(
        request: &mut Request,
        kind: OperationType,
        admitted: Arc<Admitted>,
        mutation_type: &'a str,
    ) -> Self {
        let variables = std::mem::take(&mut request.variables);
        Self { kind, admitted, operation_name: request.operation_name.take(), variables, mutation_type }
    }

    /// The changes among what was asked that were refused.
    pub(super) fn refusals(&self, errors: &[ServerError]) -> Vec<Refused> {
        if errors.is_empty() {
            return Vec::new();
        }
        let document = &self.admitted.document;
        match admission::operation(document, self.operation_name.as_deref()) {
            Ok((_, operation)) => refusals::of(self.mutation_type, errors, operation, &self.variables, false),
            Err(_) => Vec::new(),
        }
    }
}

/// A request that is being run. Dropped before its answer is there, as where its client went away, it leaves the changes that
/// it was refused until then in the audit trail all the same.
pub(super) struct Underway<'a> {
    pub(super) record: &'a Record<'a>,
    pub(super) asked: &'a Asked<'a>,
    pub(super) unanswered: Arc<Unanswered>,
}

impl Underway<'_> {
    /// The changes that were refused, where there is no answer to tell them from. Nothing is left in it then.
    pub(super) fn refusals(&self) -> Vec<Refused> {
        self.asked.refusals(&self.unanswered.take())
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let Record { accounts, caller, client } = self.record;
        accounts.record_unanswered(caller.0.as_deref(), client, self.refusals());
    }
}
