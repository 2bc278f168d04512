//! Claims mails for sending by this process.

use super::{Accounts, error::Error};
use fieldguard_domain::overview::DatabaseType;
use fieldguard_store::{self as store, mails::Claimed};

impl Accounts {
    /// Claims at most `limit` due mails. Settle each within the lease, or another process may send it again. Claims nothing
    /// on a server that sends no mail.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn claim_mails(&self, limit: u32) -> Result<Vec<Claimed>, Error> {
        let Some(policy) = &self.policy.mail else { return Ok(Vec::new()) };
        // On SQLite a transaction keeps all other writes waiting, and the clock is this one.
        let is_sqlite = self.store.kind() == DatabaseType::Sqlite;
        if is_sqlite && !store::mails::has_due(&self.store, self.clock.now()).await? {
            return Ok(Vec::new());
        }
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let claimed = store::mails::claim(&tx, now, now + policy.lease, limit).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Waits until this process has queued a mail.
    pub async fn mail_queued(&self) {
        self.store.mail_added().await;
    }
}
