//! A webhook event, as stored.

use sea_orm::{QueryResult, TryGetError};
use serde::Deserialize;
use uuid::Uuid;

use crate::time;
use fieldguard_domain::{
    id::UserId,
    webhook_event::{EventType, StoredWebhookEvent, WebhookEvent, WebhookState},
};

/// The columns of [`Row`] after `id`.
pub(super) const COLUMNS: [&str; 12] = [
    "account_id",
    "username",
    "event_type",
    "details",
    "occurred_at",
    "state",
    "attempts",
    "next_attempt_at",
    "settled_at",
    "last_status",
    "last_error",
    "queued_at",
];

/// The columns of an event that is listed or delivered.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) account_id: String,
    pub(super) username: Option<String>,
    pub(super) event_type: String,
    pub(super) details: String,
    pub(super) occurred_at: i64,
    pub(super) state: String,
    pub(super) attempts: i64,
    pub(super) next_attempt_at: i64,
    pub(super) settled_at: Option<i64>,
    pub(super) last_status: Option<i64>,
    pub(super) last_error: Option<String>,
    pub(super) queued_at: i64,
}

impl Row {
    /// Reads a row of a query result with `id` and [`COLUMNS`].
    pub(super) fn read(row: &QueryResult) -> Result<Self, TryGetError> {
        Ok(Self {
            id: row.try_get_by("id")?,
            account_id: row.try_get_by("account_id")?,
            username: row.try_get_by("username")?,
            event_type: row.try_get_by("event_type")?,
            details: row.try_get_by("details")?,
            occurred_at: row.try_get_by("occurred_at")?,
            state: row.try_get_by("state")?,
            attempts: row.try_get_by("attempts")?,
            next_attempt_at: row.try_get_by("next_attempt_at")?,
            settled_at: row.try_get_by("settled_at")?,
            last_status: row.try_get_by("last_status")?,
            last_error: row.try_get_by("last_error")?,
            queued_at: row.try_get_by("queued_at")?,
        })
    }

    /// The event. `None` if a newer version wrote it and this version cannot interpret it.
    pub(super) fn event(self) -> Option<WebhookEvent> {
        Some(WebhookEvent {
            id: self.id.into(),
            event_type: EventType::from_stored(&self.event_type)?,
            user: UserId::parse(&self.account_id)?,
            username: self.username,
            details: serde_json::from_str(&self.details).ok()?,
            occurred_at: time::from_millis(self.occurred_at),
        })
    }

    /// The event with what became of it. `None` as for [`Row::event`].
    pub(super) fn stored(self) -> Option<StoredWebhookEvent> {
        let state = WebhookState::from_stored(&self.state)?;
        Some(StoredWebhookEvent {
            state,
            attempts: attempts(self.attempts),
            next_attempt_at: (state == WebhookState::Pending).then(|| time::from_millis(self.next_attempt_at)),
            settled_at: self.settled_at.map(time::from_millis),
            last_status: self.last_status.and_then(|status| u16::try_from(status).ok()),
            last_error: self.last_error.clone(),
            event: self.event()?,
        })
    }
}

/// The number of attempts, which no event reaches the end of.
pub(super) fn attempts(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}
