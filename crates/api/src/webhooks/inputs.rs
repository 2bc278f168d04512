//! What mutations of webhooks take.

use async_graphql::{ID, InputObject};

/// Input of `replayWebhookEvent`.
#[derive(InputObject)]
pub struct ReplayWebhookEventInput {
    /// The event to send again.
    pub(crate) webhook_event_id: ID,
}
