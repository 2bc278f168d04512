//! `WebhookEvent`: an event for the receiver of webhooks.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain::webhook_event::{EventType, StoredWebhookEvent};
use fieldguard_guard::{connection::Listed, guarded};

use crate::{
    reads,
    services::accounts,
    webhooks::{webhook_event_state::WebhookEventState, webhook_event_type::WebhookEventType},
};

/// An event for the receiver of webhooks, and what became of it.
pub struct WebhookEvent(Box<StoredWebhookEvent>);

impl From<StoredWebhookEvent> for WebhookEvent {
    fn from(stored: StoredWebhookEvent) -> Self {
        Self(Box::new(stored))
    }
}

impl WebhookEvent {
    /// The list that its cursors are bound to.
    pub(crate) const LIST: &str = "webhookEvents";
}

impl Listed for WebhookEvent {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.event.id.uuid())
    }
}

/// An event for the receiver of webhooks, and what became of it. It names the user by `id` only, and stays when they are deleted.
#[guarded(public)]
#[Object]
impl WebhookEvent {
    /// The unique identifier of the event, which the receiver gets as `webhook-id`.
    async fn id(&self) -> ID {
        ID(self.0.event.id.to_string())
    }

    /// What the event tells.
    async fn r#type(&self) -> WebhookEventType {
        self.0.event.event_type.into()
    }

    /// The `id` of the user it is about. The user may no longer exist.
    async fn user_id(&self) -> ID {
        ID(self.0.event.user.to_string())
    }

    /// When the change happened.
    async fn occurred_at(&self, ctx: &Context<'_>) -> DateTime<Utc> {
        if self.0.event.event_type == EventType::UserSignedIn {
            reads::note_unless_own(ctx, self.0.event.user, || "WebhookEvent".into());
        }
        self.0.event.occurred_at
    }

    /// What became of the event.
    async fn state(&self) -> WebhookEventState {
        self.0.state.into()
    }

    /// How often it was sent since it was recorded or replayed.
    async fn attempts(&self) -> i32 {
        i32::try_from(self.0.attempts).unwrap_or(i32::MAX)
    }

    /// When the next attempt is due. Null unless the event is pending.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// When the event was delivered or given up.
    async fn settled_at(&self) -> Option<DateTime<Utc>> {
        self.0.settled_at
    }

    /// The HTTP status of the last answer.
    async fn last_status(&self) -> Option<i32> {
        self.0.last_status.map(i32::from)
    }

    /// Why the last attempt got no answer: `timeout`, `connection`, `blocked-address` or `request`.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
}
