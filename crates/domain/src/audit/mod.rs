//! The audit trail: who did what, on whom, from where, when. An [`Entry`] says what happened; a row of the trail is an
//! [`Event`]. How rows are chained so that none can be changed unseen is the store's business.
//!
//! Rows outlive the accounts they speak of. So they name people by identifier only: no name, no email address, and never a
//! password, a token, a code or a hash of one.

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

/// What happened, to be written with the change it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was done.
    pub action: Action,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: Actor,
    /// On whom or what.
    pub target: Option<Target>,
    /// The fields of the schema by which it was done, or which were read or refused.
    pub coordinates: Vec<String>,
    /// The id under which the log knows the request.
    pub request_id: Option<String>,
    /// The address it came from.
    pub ip_address: Option<String>,
    /// How the target stood before, where that changed.
    pub before: Option<Standing>,
    /// How it stands now, where that changed.
    pub after: Option<Standing>,
    /// Why, in a word of this program.
    pub reason: Option<String>,
    /// The accounts whose personal fields were read.
    pub subjects: BTreeSet<UserId>,
}

impl Entry {
    /// That `actor` did `action` at this time, by a request that came from `client`.
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

    /// The same, on this target.
    #[must_use]
    pub fn on(self, target: impl Into<Target>) -> Self {
        Self { target: Some(target.into()), ..self }
    }

    /// The same, with how the target stood before and stands now.
    #[must_use]
    pub fn changing(self, before: impl Into<Option<Standing>>, after: impl Into<Option<Standing>>) -> Self {
        Self { before: before.into(), after: after.into(), ..self }
    }

    /// The same, with a word on why or how.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }
}

/// How an account or a role stands, as far as it decides about rights. What is absent was not touched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The state of an account, as the schema spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The roles an account holds, or a role contains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The permissions of a role or a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}

impl Standing {
    /// Of an account that holds these roles, by name.
    #[must_use]
    pub fn holding<'a>(roles: impl IntoIterator<Item = &'a str>) -> Self {
        Self { roles: Some(roles.into_iter().map(str::to_owned).collect()), ..Self::default() }
    }

    /// Of an account that holds these roles.
    #[must_use]
    pub fn of_roles(roles: &[Role]) -> Self {
        Self::holding(roles.iter().map(|it| it.name.as_str()))
    }

    /// Of a role: what it permits and includes.
    #[must_use]
    pub fn of_role(role: &Role) -> Self {
        let includes = Self::holding(role.includes.iter().map(|it| it.name.as_str()));
        Self { permissions: Some(role.permissions.clone()), ..includes }
    }

    /// Of an account in its state.
    #[must_use]
    pub fn of_state(user: &User) -> Self {
        Self { state: Some(user.state().as_str().to_owned()), ..Self::default() }
    }
}

/// A row of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Names it.
    pub id: AuditEventId,
    /// Its place in the trail; the first row ever is 1.
    pub number: i64,
    /// What happened. Its subjects are asked for separately.
    pub entry: Entry,
    /// How many accounts' personal fields were read.
    pub subjects: i64,
    /// Its own SHA-256, over everything in it and the hash of the row before.
    pub hash: String,
}

/// Which rows are asked for: those that meet every part that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Done by this account.
    pub actor: Option<String>,
    /// Done on this account, session, role, token or key; for an account also what was read of it.
    pub target: Option<String>,
    /// This was done.
    pub action: Option<Action>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// By this request.
    pub request_id: Option<String>,
}

/// That somebody read personal fields of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The row of the trail it stands in.
    pub id: AuditEventId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Option<UserId>,
    /// Under which name that account signs in now, where it is still there.
    pub actor_name: Option<String>,
    /// What was read.
    pub coordinates: Vec<String>,
}

/// What became of a look through the whole trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was changed, removed, added or reordered.
    Whole {
        /// How many rows there are.
        rows: i64,
        /// The number of the last row, 0 where there never was one.
        last: i64,
        /// The hash of that row.
        hash: String,
    },
    /// Something was, and this is the first of it.
    Broken {
        /// The number of the row.
        number: i64,
        /// What is wrong with it, as half a sentence after the row.
        fault: &'static str,
    },
}
