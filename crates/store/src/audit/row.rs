//! An audit event, as stored.

use sea_orm::{QueryResult, TryGetError, Value};
use uuid::Uuid;

use super::{address, subjects};
use crate::time;
use fieldguard_domain::{
    audit::{Action, Actor, ActorKind, Entry, Event, RecordedState, Target, TargetKind},
    id::{AuditEventId, SessionId, UserId},
};

/// The columns of the table, in the order of [`Row`].
pub(super) const COLUMNS: [&str; 22] = [
    "id",
    "sequence",
    "occurred_at",
    "action",
    "actor",
    "actor_id",
    "session_id",
    "token_id",
    "target_type",
    "target_id",
    "coordinates",
    "request_id",
    "ip_address",
    "address_salt",
    "address_seal",
    "state_before",
    "state_after",
    "reason",
    "subjects",
    "subject_set",
    "previous",
    "hash",
];

/// A row with all columns.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) sequence: i64,
    pub(super) occurred_at: i64,
    pub(super) action: String,
    pub(super) actor: String,
    pub(super) actor_id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) token_id: Option<String>,
    pub(super) target_type: Option<String>,
    pub(super) target_id: Option<String>,
    pub(super) coordinates: String,
    pub(super) request_id: Option<String>,
    pub(super) ip_address: Option<String>,
    pub(super) address_salt: Option<String>,
    pub(super) address_seal: Option<String>,
    pub(super) state_before: Option<String>,
    pub(super) state_after: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) subjects: i64,
    /// Not hashed, because it follows from the subjects, which are.
    pub(super) subject_set: Option<String>,
    pub(super) previous: String,
    pub(super) hash: String,
}

impl Row {
    /// The row of `entry`, with its hash. It follows the event with the hash `previous`.
    pub(super) fn new(entry: &Entry, id: AuditEventId, sequence: i64, previous: &str) -> Self {
        let (address_salt, address_seal) = entry.ip_address.as_deref().map(address::sealed).unzip();
        let mut row = Self {
            id: id.uuid(),
            sequence,
            occurred_at: time::millis(entry.at),
            action: entry.action.as_str().to_owned(),
            actor: entry.actor.kind().as_str().to_owned(),
            actor_id: entry.actor.user().map(|id| id.to_string()),
            session_id: entry.actor.session().map(|id| id.to_string()),
            token_id: entry.actor.token().map(str::to_owned),
            target_type: entry.target.as_ref().map(|target| target.kind.as_str().to_owned()),
            target_id: entry.target.as_ref().map(|target| target.id.clone()),
            coordinates: serde_json::Value::from(entry.coordinates.clone()).to_string(),
            request_id: entry.request_id.clone(),
            ip_address: entry.ip_address.clone(),
            address_salt,
            address_seal,
            state_before: entry.before.as_ref().map(json),
            state_after: entry.after.as_ref().map(json),
            reason: entry.reason.clone(),
            subjects: i64::try_from(entry.subjects.len()).unwrap_or(i64::MAX),
            subject_set: subjects::set_of(&entry.subjects),
            previous: previous.to_owned(),
            hash: String::new(),
        };
        row.hash = row.hashed(entry.subjects.iter().map(|subject| subject.uuid()));
        row
    }

    /// The values of the columns.
    pub(super) fn values(self) -> [Value; 22] {
        [
            self.id.into(),
            self.sequence.into(),
            self.occurred_at.into(),
            self.action.into(),
            self.actor.into(),
            self.actor_id.into(),
            self.session_id.into(),
            self.token_id.into(),
            self.target_type.into(),
            self.target_id.into(),
            self.coordinates.into(),
            self.request_id.into(),
            self.ip_address.into(),
            self.address_salt.into(),
            self.address_seal.into(),
            self.state_before.into(),
            self.state_after.into(),
            self.reason.into(),
            self.subjects.into(),
            self.subject_set.into(),
            self.previous.into(),
            self.hash.into(),
        ]
    }

    /// Reads a row from a query result, if every column has the expected type.
    pub(super) fn read(row: &QueryResult) -> Result<Self, TryGetError> {
        Ok(Self {
            id: row.try_get_by("id")?,
            sequence: row.try_get_by("sequence")?,
            occurred_at: row.try_get_by("occurred_at")?,
            action: row.try_get_by("action")?,
            actor: row.try_get_by("actor")?,
            actor_id: row.try_get_by("actor_id")?,
            session_id: row.try_get_by("session_id")?,
            token_id: row.try_get_by("token_id")?,
            target_type: row.try_get_by("target_type")?,
            target_id: row.try_get_by("target_id")?,
            coordinates: row.try_get_by("coordinates")?,
            request_id: row.try_get_by("request_id")?,
            ip_address: row.try_get_by("ip_address")?,
            address_salt: row.try_get_by("address_salt")?,
            address_seal: row.try_get_by("address_seal")?,
            state_before: row.try_get_by("state_before")?,
            state_after: row.try_get_by("state_after")?,
            reason: row.try_get_by("reason")?,
            subjects: row.try_get_by("subjects")?,
            subject_set: row.try_get_by("subject_set")?,
            previous: row.try_get_by("previous")?,
            hash: row.try_get_by("hash")?,
        })
    }

    /// The event. `None` if a newer version wrote it and this version cannot interpret it.
    pub(super) fn event(self) -> Option<Event> {
        let actor = match ActorKind::from_stored(&self.actor)? {
            ActorKind::Anonymous => Actor::Anonymous,
            ActorKind::Operator => Actor::Operator,
            ActorKind::Server => Actor::Server,
            ActorKind::User => Actor::User {
                user: UserId::parse(self.actor_id.as_deref()?)?,
                session: self.session_id.as_deref().and_then(SessionId::parse),
                token: self.token_id,
            },
        };
        let target = self.target_type.as_deref().and_then(TargetKind::from_stored).zip(self.target_id);
        let entry = Entry {
            action: Action::from_stored(&self.action)?,
            at: time::from_millis(self.occurred_at),
            actor,
            target: target.map(|(kind, id)| Target { kind, id }),
            coordinates: serde_json::from_str(&self.coordinates).ok()?,
            request_id: self.request_id,
            ip_address: self.ip_address,
            before: standing(self.state_before),
            after: standing(self.state_after),
            reason: self.reason,
            subjects: std::collections::BTreeSet::new(),
        };
        let id = self.id.into();
        Some(Event { id, number: self.sequence, entry, subjects: self.subjects, hash: self.hash })
    }
}

fn json(standing: &RecordedState) -> String {
    serde_json::to_string(standing).expect("strings and lists of strings serialize to JSON")
}

fn standing(json: Option<String>) -> Option<RecordedState> {
    serde_json::from_str(&json?).ok()
}
