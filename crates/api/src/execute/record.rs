//! What a request leaves in the audit trail beside its changes, whether or not its answer comes to leave. What is a refusal
//! and what was read is found elsewhere.

use async_graphql::parser::types::OperationType;
use fieldguard_accounts as accounts;
use fieldguard_accounts::{
    Accounts,
    audit::{Performed, Refused},
};
use fieldguard_domain::{principal::Principal, session::Client};
use fieldguard_guard::{caller::Caller, execute::Operation, failure::Failure};

use crate::{error::ApiError, refusals};

/// Writes what a request did to the audit trail.
pub(crate) struct Record<'a> {
    pub(crate) accounts: &'a Accounts,
    pub(crate) caller: Caller,
    pub(crate) client: Client,
}

impl Record<'_> {
    fn principal(&self) -> Option<&Principal> {
        self.caller.principal()
    }

    /// Writes what a request did that changed nothing.
    pub(crate) async fn write(&self, performed: Performed) -> Result<(), Failure> {
        self.try_to(performed).await.map_err(|error| ApiError::from(error).into())
    }

    /// Writes what a request did, of that kind, that ran. After a mutation, the error says that a change may have been made.
    pub(crate) async fn write_of(&self, kind: OperationType, performed: Performed) -> Result<(), Failure> {
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
pub(crate) struct Underway<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) operation: &'a Operation,
}

impl Underway<'_> {
    /// The changes that were refused, where there is no answer to tell them from. Nothing is left in it then.
    pub(crate) fn refusals(&self) -> Vec<Refused> {
        refusals::of(self.operation.take_unanswered())
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        let refusals = self.refusals();
        self.record.accounts.record_unanswered(self.record.principal(), &self.record.client, refusals);
    }
}
