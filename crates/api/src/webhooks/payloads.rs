//! What mutations of webhooks answer.

use async_graphql::SimpleObject;
use fieldguard_guard::guarded;

use crate::webhooks::webhook_event::WebhookEvent;

/// Payload of `replayWebhookEvent`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ReplayWebhookEventPayload {
    /// The event, which is pending.
    pub(crate) webhook_event: WebhookEvent,
}
