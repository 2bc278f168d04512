//! Whether whoever makes a change still may when it is made. A request is let in by what was known of its caller when it came;
//! it may then wait for a hash, or in line for the database, while the caller is demoted, disabled or signed out. So a
//! change begins by looking again, in its own transaction: what was taken away must not come back by a request that was
//! already on its way. Whether the caller may make the change at all is the business of the field's rule.

use super::{Accounts, changer::Changer, error::Error};
use fieldguard_domain::principal::Principal;
use fieldguard_store::{self as store, Tx};

impl Accounts {
    /// Begins a change that takes rights. Nobody else changes rights until the transaction ends.
    ///
    /// # Errors
    ///
    /// [`Error::RightsChanged`] where the caller has lost some, or may not act at all any more.
    pub(super) async fn begin<'a>(&self, by: impl Into<Changer<'a>>) -> Result<Tx, Error> {
        let tx = self.store.write().await?;
        if let Changer::Caller(caller) = by.into() {
            store::administrators::lock(&tx).await?;
            let again = store::principals::again(&tx, caller, self.clock.now()).await?;
            again.filter(|it| it.has_all_of(caller)).ok_or(Error::RightsChanged)?;
        }
        Ok(tx)
    }

    /// Begins a change of the caller's own account, which takes no more than a session.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidToken`] where the caller may not act any more.
    pub(super) async fn begin_own(&self, caller: &Principal) -> Result<Tx, Error> {
        let tx = self.store.write().await?;
        let again = store::principals::again(&tx, caller, self.clock.now()).await?;
        again.map(|_| tx).ok_or(Error::InvalidToken)
    }
}
