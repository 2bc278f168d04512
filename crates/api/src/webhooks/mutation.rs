//! Mutations of webhooks.

use async_graphql::{Context, Object};
use fieldguard_accounts::error::Error;
use fieldguard_domain::{id::WebhookEventId, role::ADMIN};
use fieldguard_guard::guarded;

use crate::{
    error::ApiError,
    services::{accounts, client, principal},
    webhooks::{inputs::ReplayWebhookEventInput, payloads::ReplayWebhookEventPayload},
};

/// Mutations of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[guarded(signed_in)]
#[Object]
impl WebhookMutation {
    /// Queues a webhook event for delivery at once, with the same `id`, in whatever state it is. Later events of its user that are pending wait for it.
    #[requires(role = ADMIN)]
    async fn replay_webhook_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event to send again.")] input: ReplayWebhookEventInput,
    ) -> Result<Option<ReplayWebhookEventPayload>, ApiError> {
        let id = WebhookEventId::parse(&input.webhook_event_id).ok_or(Error::NotFound("webhookEventId"))?;
        let event = Box::pin(accounts(ctx).replay_webhook_event(principal(ctx)?, id, &client(ctx))).await?;
        Ok(Some(ReplayWebhookEventPayload { webhook_event: event.into() }))
    }
}
