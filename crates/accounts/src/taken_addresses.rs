//! Whether an email address belongs to an account is personal, and a change that is refused since it does tells so. So does one
//! that is refused for want of a fresh session: the account has another address. Those who
//! change other people's accounts may hear that a few times an hour and not more, as [`updateProfile`](super::update_profile)
//! has it. Addresses that are free are not counted: a helper makes as many accounts as there are people. A taken name
//! is refused before the address is looked at: the refusal would otherwise tell that the address is free.

use futures_util::future::BoxFuture;

use super::{Accounts, error::Error};
use fieldguard_domain::{principal::Principal, username::Username};
use fieldguard_store::{self as store, Tx};

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
        if sets_address && outcome.as_ref().is_err_and(Error::tells_of_address) {
            self.count_address(caller.user()).await?;
        }
        outcome
    }
}

/// Refuses a name that belongs to an account.
///
/// # Errors
///
/// [`Error::Taken`].
pub(super) async fn refuse_taken(tx: &Tx, name: &Username) -> Result<(), Error> {
    if store::users::taken(tx, &[name]).await?.is_empty() { Ok(()) } else { Err(Error::Taken("username")) }
}

impl Error {
    /// Does it tell whose an email address is, or is not, where the change sets one?
    fn tells_of_address(&self) -> bool {
        match self {
            Self::Taken(field) => *field == "email",
            Self::NotFresh | Self::NoSession => true,
            Self::Item { error, .. } => error.tells_of_address(),
            _ => false,
        }
    }
}
