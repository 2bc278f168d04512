//! `replayWebhookEvent`, and `webhooks replay` on the command line: queues webhook events for delivery again.

use super::{Accounts, audit::by_operator, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor},
    id::WebhookEventId,
    principal::Principal,
    session::Client,
    webhook_event::StoredWebhookEvent,
};
use fieldguard_store as store;

impl Accounts {
    /// Queues an event for delivery at once, whatever its state. Later events of its user that are pending wait for it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event.
    pub async fn replay_webhook_event(
        &self,
        caller: &Principal,
        id: WebhookEventId,
        client: &Client,
    ) -> Result<StoredWebhookEvent, Error> {
        let tx = self.begin(caller).await?;
        let now = self.shared_now(&tx).await?;
        if !store::webhook_events::replay(&tx, id, now).await? {
            return Err(Error::NotFound("webhookEventId"));
        }
        tx.note(self.entry(Action::WebhookEventsReplayed, Actor::caller(caller), client).on(id));
        tx.commit().await?;
        tracing::info!(by = %caller.user(), event = %id, "webhook event replayed");
        self.webhook_event(id).await?.ok_or(Error::NotFound("webhookEventId"))
    }

    /// The same, as an operator asks for it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event.
    pub async fn replay_webhook_event_by_operator(&self, id: WebhookEventId) -> Result<(), Error> {
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        if !store::webhook_events::replay(&tx, id, now).await? {
            return Err(Error::NotFound("webhookEventId"));
        }
        tx.note(by_operator(Action::WebhookEventsReplayed, self.clock.now()).on(id));
        Ok(tx.commit().await?)
    }

    /// Queues every dead event for delivery at once, as an operator asks for it. Returns their number.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn replay_dead_webhook_events(&self) -> Result<u64, Error> {
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let replayed = store::webhook_events::replay_dead(&tx, now).await?;
        if replayed > 0 {
            let entry = by_operator(Action::WebhookEventsReplayed, self.clock.now());
            tx.note(entry.because(format!("{replayed} dead events")));
        }
        tx.commit().await?;
        Ok(replayed)
    }
}
