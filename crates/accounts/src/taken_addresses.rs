//! Limits how many email addresses a caller can probe. Whether an address belongs to an account is personal data, and a
//! change that is refused as taken reveals it. So does a change refused because the session is not fresh: the account
//! then has another address. Callers who change other users' accounts may see a few such refusals per hour, as in
//! [`updateProfile`](super::update_profile). Free addresses are not counted, so that administrators can create any
//! number of accounts. A taken name is refused before the address is checked, because that refusal would otherwise
//! reveal that the address is free.

use futures_util::future::BoxFuture;

use super::{Accounts, error::Error};
use fieldguard_domain::{principal::Principal, username::Username};
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Runs `work`, a change by `caller` that sets an email address if `sets_address`. `work` must not leave a
    /// transaction open.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many addresses of other accounts; otherwise the errors of `work`.
    pub(super) async fn limiting_address_probes<T>(
        &self,
        caller: &Principal,
        sets_address: bool,
        work: BoxFuture<'_, Result<T, Error>>,
    ) -> Result<T, Error> {
        if sets_address {
            self.check_address_probes(caller.user()).await?;
        }
        let outcome = work.await;
        if sets_address && outcome.as_ref().is_err_and(Error::reveals_address) {
            self.count_address_probe(caller.user()).await?;
        }
        outcome
    }
}

/// Refuses the name of an existing account.
///
/// # Errors
///
/// [`Error::Taken`].
pub(super) async fn refuse_taken(tx: &Tx, name: &Username) -> Result<(), Error> {
    if store::users::taken(tx, &[name]).await?.is_empty() { Ok(()) } else { Err(Error::Taken("username")) }
}

impl Error {
    /// Whether the error reveals something about an email address that the change sets.
    fn reveals_address(&self) -> bool {
        match self {
            Self::Taken(field) => *field == "email",
            Self::NotFresh | Self::NoSession => true,
            Self::Item { error, .. } => error.reveals_address(),
            _ => false,
        }
    }
}
