//! `SecurityEvent`: a security-relevant event of an account.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain as domain;
use fieldguard_guard::{connection::Listed, guarded};

use crate::{audit::security_event_action::SecurityEventAction, services::accounts};

/// A security-relevant event of an account, for its owner. It is kept for 180 days.
pub struct SecurityEvent(domain::security_event::SecurityEvent);

impl From<domain::security_event::SecurityEvent> for SecurityEvent {
    fn from(event: domain::security_event::SecurityEvent) -> Self {
        Self(event)
    }
}

impl SecurityEvent {
    /// The list that its cursors are bound to.
    pub(crate) const LIST: &str = "securityEvents";
}

impl Listed for SecurityEvent {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.id.uuid())
    }
}

/// A security-relevant event of an account, for its owner. It is kept for 180 days.
#[guarded(public)]
#[Object]
impl SecurityEvent {
    /// The unique identifier of the event.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened.
    async fn action(&self) -> SecurityEventAction {
        self.0.kind.into()
    }

    /// When the event happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// The `id` of the session that the event concerns. The session may no longer exist.
    async fn session_id(&self) -> Option<ID> {
        self.0.session.map(|id| ID(id.to_string()))
    }

    /// The IP address of the client.
    async fn ip_address(&self) -> Option<&str> {
        self.0.client.ip_address.as_deref()
    }

    /// The `User-Agent` of the client, cut to 256 characters.
    async fn user_agent(&self) -> Option<&str> {
        self.0.client.user_agent.as_deref()
    }
}
