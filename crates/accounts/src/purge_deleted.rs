//! `purge_deleted`: the accounts whose time has come are deleted, with everything that is known of their holders. No request
//! does this; the server does, from time to time.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

/// How many accounts one transaction deletes: on SQLite, all other writes wait for it.
const BATCH: u64 = 50;

impl Accounts {
    /// Deletes every account whose deletion is due. Several replicas may do so at once: none does what another is about to
    /// do. Answers how many it deleted.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails; what was deleted until then is.
    pub async fn purge_deleted(&self) -> Result<u64, Error> {
        let mut purged = 0;
        loop {
            let batch = self.purge_some().await?;
            purged += batch;
            if batch < BATCH {
                return Ok(purged);
            }
        }
    }

    async fn purge_some(&self) -> Result<u64, Error> {
        let tx = self.store.write().await?;
        // The server's own clock may be days ahead, and what it deleted would be gone for good.
        let now = self.shared_now(&tx).await?;
        let due = store::users::due_for_deletion(&tx, now, BATCH).await?;
        for user in &due {
            self.erase(&tx, user).await?;
            tx.note(self.entry(Action::UserDeleted, Actor::Server, &Client::default()).on(user.id));
        }
        // Where people tried to sign in from is forgotten too, even where nobody tries any more.
        store::attempts::prune(&tx, now).await?;
        self.commit(tx).await?;
        for user in &due {
            tracing::info!(user = %user.id, "account deleted: its time had come");
        }
        Ok(due.len() as u64)
    }

    /// Deletes the account with everything that is known of its holder. Only its identifier stays, where others wrote it
    /// down. The transaction holds the account.
    pub(super) async fn erase(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        // Before the account: its addresses tell under which keys its failures were counted.
        self.forget_counts(tx, user).await?;
        store::audit::forget_addresses(tx, user.id).await?;
        store::users::delete(tx, user.id).await?;
        Ok(())
    }
}
