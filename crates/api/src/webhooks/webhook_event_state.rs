//! `WebhookEventState`: what became of an event.

use async_graphql::Enum;
use fieldguard_domain::webhook_event;

/// What became of a webhook event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook_event::WebhookState")]
pub enum WebhookEventState {
    /// It waits for its first or next attempt.
    Pending,
    /// The receiver accepted it.
    Delivered,
    /// It was given up. `replayWebhookEvent` sends it again.
    Dead,
}
