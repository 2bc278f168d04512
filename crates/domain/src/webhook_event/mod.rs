//! Webhook events: what a receiver outside of this server learns about users. Each follows from one audit entry, and is
//! stored in the same transaction. A receiver learns ids, usernames, roles and the names of changed fields, but no
//! email address, no address of a client and no secret.

mod event_type;
mod outcome;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

pub use self::{
    event_type::{EventType, EventTypes},
    outcome::{DeliveryFailure, NextStep, Outcome, RetryPolicy},
};
use super::{
    audit::{Entry, Target, TargetKind},
    id::{UserId, WebhookEventId},
};

/// An event, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The event's identifier, which is the same for every attempt.
    pub id: WebhookEventId,
    /// What happened.
    pub event_type: EventType,
    /// The user it happened to.
    pub user: UserId,
    /// The username at that time. `None` if the user has been deleted.
    pub username: Option<String>,
    /// What else the receiver learns.
    pub details: Details,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
}

/// The parts of an event that depend on its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The kind of actor.
    pub actor_type: String,
    /// The identifier of the user who acted.
    pub actor_id: Option<String>,
    /// The session that was created or revoked. `None` where all sessions were revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The names of the roles that the user now has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The names of the fields that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<String>>,
}

/// The body of a request.
#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    user_id: String,
    username: Option<&'a str>,
    #[serde(flatten)]
    details: &'a Details,
}

impl WebhookEvent {
    /// The body of the request that delivers the event, in JSON.
    ///
    /// # Panics
    ///
    /// Never: strings and lists of strings are JSON.
    #[must_use]
    pub fn payload(&self) -> String {
        let payload = Payload {
            r#type: self.event_type.as_str(),
            timestamp: self.occurred_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            data: Data { user_id: self.user.to_string(), username: self.username.as_deref(), details: &self.details },
        };
        serde_json::to_string(&payload).expect("strings and lists of strings serialize to JSON")
    }
}

impl Details {
    /// What a receiver learns about an audit entry of an event of this type.
    #[must_use]
    pub fn of(event_type: EventType, entry: &Entry) -> Self {
        let target_session = entry.target.as_ref().filter(|target| target.kind == TargetKind::Session);
        Self {
            actor_type: entry.actor.kind().as_str().to_owned(),
            actor_id: entry.actor.user().map(|user| user.to_string()),
            session_id: match event_type {
                EventType::UserSignedIn => entry.actor.session().map(|session| session.to_string()),
                EventType::SessionRevoked => target_session.map(|Target { id, .. }| id.clone()),
                _ => None,
            },
            roles: match event_type {
                EventType::UserCreated | EventType::UserRolesChanged => {
                    entry.after.as_ref().and_then(|state| state.roles.clone())
                }
                _ => None,
            },
            changed: match (event_type, &entry.reason) {
                (EventType::UserUpdated, Some(fields)) => Some(names(fields)),
                (EventType::UserUpdated, None) => Some(Vec::new()),
                _ => None,
            },
        }
    }
}

/// The names in the reason of an update, as `update_profile` writes it.
fn names(fields: &str) -> Vec<String> {
    fields.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The state of a stored event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookState {
    /// It waits for its first or next attempt.
    Pending,
    /// The receiver accepted it.
    Delivered,
    /// The receiver refused it for too long. It is not tried again unless it is replayed.
    Dead,
}

impl WebhookState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The name in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// An event with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWebhookEvent {
    /// The event.
    pub event: WebhookEvent,
    /// Its state.
    pub state: WebhookState,
    /// The number of attempts since it was recorded or replayed.
    pub attempts: u32,
    /// When the next attempt is due, while it is pending.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    pub settled_at: Option<DateTime<Utc>>,
    /// The HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last attempt got no answer, as a keyword of this program.
    pub last_error: Option<String>,
}

/// The numbers of events that wait or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WebhookBacklog {
    /// The number of pending events.
    pub pending: u64,
    /// The number of dead events.
    pub dead: u64,
    /// Since when the oldest pending event waits.
    pub oldest_pending: Option<DateTime<Utc>>,
}
