//! Begins changes, and checks that the caller still has their rights. The field's rule admitted the request by what was
//! known when it arrived. It may then wait for a hash or for the database, while the caller is demoted, disabled or
//! signed out. So a change checks again in its own transaction, or a request in progress could restore a permission
//! that was just revoked.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::principal::Principal;
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Begins a change that requires permissions. No other transaction changes rights until this one ends.
    ///
    /// # Errors
    ///
    /// [`Error::RightsChanged`] if the caller has lost a right or may no longer act.
    pub(super) async fn begin<'a>(&self, by: impl Into<Changer<'a>>) -> Result<Tx, Error> {
        let tx = self.store.write().await?;
        if let Changer::Caller(caller) = by.into() {
            store::administrators::lock(&tx).await?;
            let again = store::principals::again(&tx, caller, self.clock.now()).await?;
            again.filter(|current| current.has_all_of(caller)).ok_or(Error::RightsChanged)?;
        }
        Ok(tx)
    }

    /// Begins a change of the caller's own account, which requires only a session.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] if the caller may no longer act.
    pub(super) async fn begin_own(&self, caller: &Principal) -> Result<Tx, Error> {
        let tx = self.store.write().await?;
        let again = store::principals::again(&tx, caller, self.clock.now()).await?;
        again.map(|_| tx).ok_or(Error::InvalidToken)
    }
}
