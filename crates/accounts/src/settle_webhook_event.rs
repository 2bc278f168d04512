//! Stores what came of an attempt to deliver a webhook event.

use super::{Accounts, error::Error, metrics::Attempted};
use fieldguard_domain::webhook_event::{DeliveryFailure, NextStep, Outcome};
use fieldguard_store::{self as store, webhook_events::Claimed};

impl Accounts {
    /// Stores the outcome of an attempt, and when the next one is due. If the lease has expired and another attempt was begun,
    /// that one decides.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails. The event is then sent again when its lease has expired.
    pub async fn settle_webhook_event(&self, claimed: &Claimed, outcome: Outcome) -> Result<(), Error> {
        let Some(policy) = &self.policy.webhooks else { return Ok(()) };
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let step = policy.retry.after(outcome, claimed.id, claimed.attempts, claimed.queued_at, now);
        let (is_current, attempted) = match step {
            NextStep::Delivered => {
                (store::webhook_events::deliver(&tx, claimed, outcome, now).await?, Attempted::Delivered)
            }
            NextStep::Retry(at) => (store::webhook_events::retry(&tx, claimed, outcome, at).await?, Attempted::Failed),
            NextStep::GiveUp => (store::webhook_events::give_up(&tx, claimed, outcome, now).await?, Attempted::Dead),
        };
        tx.commit().await?;
        if is_current {
            self.counts().attempted(attempted);
            log(claimed, outcome, step);
        }
        Ok(())
    }
}

/// Logs an event that was given up, without its content.
fn log(claimed: &Claimed, outcome: Outcome, step: NextStep) {
    if step == NextStep::GiveUp {
        let (status, error) = (outcome.status(), outcome.failure().map(DeliveryFailure::as_str));
        tracing::warn!(
            event = %claimed.id,
            user = claimed.user,
            attempts = claimed.attempts,
            status,
            error,
            "webhook event given up"
        );
    }
}
