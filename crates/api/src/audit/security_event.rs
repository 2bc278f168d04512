//! `SecurityEvent`: something that happened to an account.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_domain as domain;
use fieldguard_guard::{connection::Listed, guarded};

use crate::{audit::security_event_kind::SecurityEventKind, services::accounts};

/// Something that happened to an account, which its owner should know of. Kept for 180 days.
pub struct SecurityEvent(domain::security_event::SecurityEvent);

impl From<domain::security_event::SecurityEvent> for SecurityEvent {
    fn from(event: domain::security_event::SecurityEvent) -> Self {
        Self(event)
    }
}

impl SecurityEvent {
    /// What the cursors of its list are sealed with, so that no other list takes them.
    pub(crate) const LIST: &str = "securityEvents";
}

impl Listed for SecurityEvent {
    fn cursor(&self, ctx: &Context<'_>) -> String {
        accounts(ctx).cursor(Self::LIST, self.0.id.uuid())
    }
}

/// Something that happened to an account, which its owner should know of. Kept for 180 days.
#[guarded(public)]
#[Object]
impl SecurityEvent {
    /// Names the event.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened.
    async fn kind(&self) -> SecurityEventKind {
        self.0.kind.into()
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// The `id` of the session it happened in or to, where there was one. That session may be over.
    async fn session_id(&self) -> Option<ID> {
        self.0.session.map(|id| ID(id.to_string()))
    }

    /// The address it came from, where one is known.
    async fn ip_address(&self) -> Option<&str> {
        self.0.client.ip_address.as_deref()
    }

    /// The `User-Agent` of the program it came from, cut to 256 characters.
    async fn user_agent(&self) -> Option<&str> {
        self.0.client.user_agent.as_deref()
    }
}
