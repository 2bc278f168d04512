//! What a request leaves in the audit trail beside its changes, whether or not its answer comes to leave. What is a refusal
//! and what was read is found elsewhere.

use async_graphql::parser::types::OperationType;
use fieldguard_guard::{caller::Caller, execute::Operation, failure::Failure};

use crate::{
    accounts::{
        self, Accounts,
        audit::{Performed, Refused},
    },
    domain::{principal::Principal, session::Client},
    graphql::{error::ApiError, refusals},
};

/// Writes what a request did to the audit trail.
pub(super) struct Record<'a> {
    pub(super) accounts: &'a Accounts,
    pub(super) caller: Caller,
    pub(super) client: Client,
}

impl Record<'_> {
    fn principal(&self) -> Option<&Principal> {
        self.caller.principal()
    }

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
        self.accounts.record(self.principal(), &self.client, performed).await
    }
}

/// A request that is being run. Dropped before its answer is there, as where its client went away, it leaves the changes that
/// it was refused until then in the audit trail all the same.
pub(super) struct Underway<'a> {
    pub(super) record: &'a Record<'a>,
    pub(super) operation: &'a Operation,
}

impl Underway<'_> {
    /// The changes that were refused, where there is no answer to tell them from. Nothing is left in it then.
    pub(super) fn refusals(&self) -> Vec<Refused> {
        refusals::of(self.operation.take_unanswered())
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let refusals = self.refusals();
        self.record.accounts.record_unanswered(self.record.principal(), &self.record.client, refusals);
    }
}
