//! Whether an email address belongs to an account is personal, and a change that is refused since it does tells so. Those who
//! change other people's accounts may hear that a few times an hour and not more, as [`updateProfile`](super::update_profile)
//! has it. Addresses that are free are not counted: a helper makes as many accounts as there are people.

use futures_util::future::BoxFuture;

use super::{Accounts, error::Error};
use crate::domain::principal::Principal;

impl Accounts {
    /// Does `work`, a change by `caller` that sets an email address where `sets_address`. It holds no transaction when it ends.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] where the caller ran into too many addresses of others; else those of `work`.
    pub(super) async fn heeding_addresses<T>(
        &self,
        caller: &Principal,
        sets_address: bool,
        work: BoxFuture<'_, Result<T, Error>>,
    ) -> Result<T, Error> {
        if sets_address {
            self.may_try_address(caller.user()).await?;
        }
        let outcome = work.await;
        if outcome.as_ref().is_err_and(Error::tells_of_address) {
            self.count_address(caller.user()).await?;
        }
        outcome
    }
}

impl Error {
    /// Does it tell that an email address belongs to another account?
    fn tells_of_address(&self) -> bool {
        match self {
            Self::Taken(field) => *field == "email",
            Self::Item { error, .. } => error.tells_of_address(),
            _ => false,
        }
    }
}
