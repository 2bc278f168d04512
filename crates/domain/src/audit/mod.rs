//! The audit log: who did what, to whom, from where and when. An [`Entry`] says what happened; a stored entry is an
//! [`Event`]. The store chains events so that a change to one is detectable.
//!
//! Events outlive the users they name. So they name users by identifier only, and contain no username, no email
//! address, and never a password, a token, a code or a hash of one.

mod action;
mod actor;
mod target;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::{
    action::Action,
    actor::{Actor, ActorKind},
    target::{Target, TargetKind},
};
use super::{
    id::{AuditEventId, UserId},
    role::Role,
    session::Client,
    user::User,
};

/// What happened. It is written in the same transaction as the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The action.
    pub action: Action,
    /// The time.
    pub at: DateTime<Utc>,
    /// Who performed the action.
    pub actor: Actor,
    /// The user, role or other object that the action affected.
    pub target: Option<Target>,
    /// The field coordinates that performed the action, or that were read or denied.
    pub coordinates: Vec<String>,
    /// The request id, as in the server log.
    pub request_id: Option<String>,
    /// The IP address of the client.
    pub ip_address: Option<String>,
    /// The state of the target before the action, if it changed.
    pub before: Option<RecordedState>,
    /// The state of the target after the action, if it changed.
    pub after: Option<RecordedState>,
    /// The reason, as a keyword of this program.
    pub reason: Option<String>,
    /// The users whose personal data was read.
    pub subjects: BTreeSet<UserId>,
}

impl Entry {
    /// An entry for `action` by `actor` at this time, in a request of `client`.
    #[must_use]
    pub fn new(action: Action, actor: Actor, client: &Client, at: DateTime<Utc>) -> Self {
        Self {
            action,
            at,
            actor,
            target: None,
            coordinates: client.coordinate.iter().cloned().collect(),
            request_id: client.request_id.clone(),
            ip_address: client.ip_address.clone(),
            before: None,
            after: None,
            reason: None,
            subjects: BTreeSet::new(),
        }
    }

    /// Sets the target.
    #[must_use]
    pub fn on(self, target: impl Into<Target>) -> Self {
        Self { target: Some(target.into()), ..self }
    }

    /// Sets the state of the target before and after the action.
    #[must_use]
    pub fn changing(self, before: impl Into<Option<RecordedState>>, after: impl Into<Option<RecordedState>>) -> Self {
        Self { before: before.into(), after: after.into(), ..self }
    }

    /// Sets the reason.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

/// The state of a user or role, as far as it concerns access. Fields that did not change are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordedState {
    /// The state of a user, as the schema spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The names of the roles that a user holds or a role includes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The names of the permissions of a role or a personal access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}

impl RecordedState {
    /// A user with the roles of these names.
    #[must_use]
    pub fn holding<'a>(roles: impl IntoIterator<Item = &'a str>) -> Self {
        Self { roles: Some(roles.into_iter().map(str::to_owned).collect()), ..Self::default() }
    }

    /// A user with these roles.
    #[must_use]
    pub fn of_roles(roles: &[Role]) -> Self {
        Self::holding(roles.iter().map(|role| role.name.as_str()))
    }

    /// A role, with its permissions and includes.
    #[must_use]
    pub fn of_role(role: &Role) -> Self {
        let includes = Self::holding(role.includes.iter().map(|role| role.name.as_str()));
        Self { permissions: Some(role.permissions.clone()), ..includes }
    }

    /// A user with their state.
    #[must_use]
    pub fn of_state(user: &User) -> Self {
        Self { state: Some(user.state().as_str().to_owned()), ..Self::default() }
    }
}

/// An audit event: an entry as the audit log stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event's identifier.
    pub id: AuditEventId,
    /// The event's sequence number; the first event is 1.
    pub number: i64,
    /// The entry. Its subjects are queried separately.
    pub entry: Entry,
    /// The number of users whose personal data was read.
    pub subjects: i64,
    /// The event's SHA-256, over all of its content and the hash of the previous event.
    pub hash: String,
}

/// A filter: an event must match every given condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The user who performed the action.
    pub actor: Option<String>,
    /// The affected user, session, role, token or key. For a user, reads of their personal data match too.
    pub target: Option<String>,
    /// The action.
    pub action: Option<Action>,
    /// The earliest time.
    pub since: Option<DateTime<Utc>>,
    /// The time before which the event happened.
    pub until: Option<DateTime<Utc>>,
    /// The request id.
    pub request_id: Option<String>,
}

/// A read of a user's personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The audit event that records it.
    pub id: AuditEventId,
    /// The time of the read.
    pub at: DateTime<Utc>,
    /// Who read the data.
    pub actor: Option<UserId>,
    /// The current username of that user, if they still exist.
    pub actor_name: Option<String>,
    /// The field coordinates that were read.
    pub coordinates: Vec<String>,
}

/// The result of a verification of the whole audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No event was changed, removed, added or reordered.
    Whole {
        /// The number of events.
        rows: i64,
        /// The sequence number of the last event, or 0 if there never was one.
        last: i64,
        /// The hash of the last event.
        hash: String,
    },
    /// The first event that was changed, or whose place was.
    Broken {
        /// The sequence number of the event.
        number: i64,
        /// What is wrong with the event, as the end of a sentence that begins with it.
        fault: &'static str,
    },
}
