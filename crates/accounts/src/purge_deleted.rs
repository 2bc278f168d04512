//! `purge_deleted`: deletes the accounts whose deletion is due, with all personal data. The server runs it at
//! intervals; no request can.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    session::Client,
    user::User,
};
use fieldguard_store::{self as store, Tx};

/// How many accounts one transaction deletes. On SQLite, all other writes wait for it.
const BATCH: u64 = 50;

impl Accounts {
    /// Deletes every account whose deletion is due. Several replicas may run it at once without doing the same work.
    /// Then removes everything that was deleted from the database's log.
    /// Returns how many accounts it deleted.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails. Accounts deleted before the failure stay deleted.
    pub async fn purge_deleted(&self) -> Result<u64, Error> {
        let mut purged = 0;
        loop {
            let batch = self.purge_some().await?;
            purged += batch;
            if batch < BATCH {
                if let Err(error) = self.store.clear_log().await {
                    let error = error.to_string();
                    tracing::warn!(error, "deleted data is still in the database's log; the next run tries again");
                }
                return Ok(purged);
            }
        }
    }

    async fn purge_some(&self) -> Result<u64, Error> {
        let tx = self.store.write().await?;
        // The server's own clock may be days ahead, and a deletion is final.
        let now = self.shared_now(&tx).await?;
        let due = store::users::due_for_deletion(&tx, now, BATCH).await?;
        for user in &due {
            self.erase(&tx, user).await?;
            tx.note(self.entry(Action::UserDeleted, Actor::Server, &Client::default()).on(user.id));
        }
        // Also deletes old attempts, so that client addresses are forgotten even if no new sign-in prunes them.
        store::attempts::prune(&tx, now).await?;
        self.commit(tx).await?;
        for user in &due {
            tracing::info!(user = %user.id, "account deleted as scheduled");
        }
        Ok(due.len() as u64)
    }

    /// Deletes the account with all personal data. Only its id remains where other records refer to it. The transaction
    /// must hold the account.
    pub(super) async fn erase(&self, tx: &Tx, user: &User) -> Result<(), Error> {
        // Before the account: its known addresses are part of the keys of its counts.
        self.delete_counts(tx, user).await?;
        store::audit::forget_addresses(tx, user.id).await?;
        store::webhook_events::forget_user(tx, user.id).await?;
        store::users::delete(tx, user.id).await?;
        Ok(())
    }
}
