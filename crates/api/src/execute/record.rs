//! Writes reads and denied changes of a request to the audit log, even if the response is not sent.

use async_graphql::parser::types::OperationType;
use fieldguard_accounts as accounts;
use fieldguard_accounts::{
    Accounts,
    audit::{Performed, Refused},
};
use fieldguard_domain::{principal::Principal, session::Client};
use fieldguard_guard::{caller::Caller, execute::Operation, failure::Failure};

use crate::{error::ApiError, refusals};

/// Writes what a request did to the audit log.
pub(crate) struct Record<'a> {
    pub(crate) accounts: &'a Accounts,
    pub(crate) caller: Caller,
    pub(crate) client: Client,
}

impl Record<'_> {
    fn principal(&self) -> Option<&Principal> {
        self.caller.principal()
    }

    /// Records a request that changed nothing.
    pub(crate) async fn write(&self, performed: Performed) -> Result<(), Failure> {
        self.try_to(performed).await.map_err(|error| ApiError::from(error).into())
    }

    /// Records an operation of this type that ran. After a mutation, the error says that a change may have been made.
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

/// A running request. If it is dropped before its response exists, for example because the client closed the connection, the changes
/// it was denied until then are still recorded.
pub(crate) struct Underway<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) operation: &'a Operation,
}

impl Underway<'_> {
    /// Takes the denied changes of a request that has no response.
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
