//! Reads and prunes webhook events.

use super::{Accounts, error::Error};
use fieldguard_domain::{
    id::WebhookEventId,
    page::{Page, PageRequest},
    webhook_event::{StoredWebhookEvent, WebhookBacklog, WebhookState},
};
use fieldguard_store as store;

impl Accounts {
    /// A page of the webhook events in this state, or in any state, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn webhook_events(
        &self,
        state: Option<WebhookState>,
        page: PageRequest,
    ) -> Result<Page<StoredWebhookEvent>, Error> {
        Ok(store::webhook_events::list(&self.store, state, page).await?)
    }

    /// The webhook event with this id.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn webhook_event(&self, id: WebhookEventId) -> Result<Option<StoredWebhookEvent>, Error> {
        Ok(store::webhook_events::find(&self.store, id).await?)
    }

    /// The numbers of events that wait or failed, and how many seconds the oldest has waited. Events of all replicas.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn webhook_backlog(&self) -> Result<(WebhookBacklog, u64), Error> {
        let backlog = store::webhook_events::backlog(&self.store).await?;
        let waited = backlog.oldest_pending.map_or(0, |since| (self.clock.now() - since).num_seconds());
        Ok((backlog, u64::try_from(waited).unwrap_or(0)))
    }

    /// Deletes events that were delivered or given up longer ago than the configured retention. Returns how many.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails. Events deleted before the failure stay deleted.
    pub async fn prune_webhook_events(&self) -> Result<u64, Error> {
        let Some(policy) = &self.policy.webhooks else { return Ok(0) };
        let mut removed = 0;
        loop {
            let tx = self.store.write().await?;
            let now = self.shared_now(&tx).await?;
            let some = store::webhook_events::prune(&tx, now - policy.retention).await?;
            tx.commit().await?;
            if some == 0 {
                return Ok(removed);
            }
            removed += some;
        }
    }
}
