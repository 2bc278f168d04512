//! Claims webhook events for delivery by this process.

use super::{Accounts, error::Error};
use fieldguard_domain::overview::DatabaseType;
use fieldguard_store::{self as store, webhook_events::Claimed};

impl Accounts {
    /// Claims at most `limit` due events. Settle each within the lease, or another process may send it again. Claims nothing
    /// without a receiver in the configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn claim_webhook_events(&self, limit: u32) -> Result<Vec<Claimed>, Error> {
        let Some(policy) = &self.policy.webhooks else { return Ok(Vec::new()) };
        // On SQLite a transaction keeps all other writes waiting, and the clock is this one.
        let is_sqlite = self.store.kind() == DatabaseType::Sqlite;
        if is_sqlite && !store::webhook_events::has_due(&self.store, self.clock.now()).await? {
            return Ok(Vec::new());
        }
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let claimed = store::webhook_events::claim(&tx, now, now + policy.lease, limit).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Waits until this process has recorded an event.
    pub async fn webhook_event_recorded(&self) {
        self.store.webhook_event_recorded().await;
    }
}
