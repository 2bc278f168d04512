//! Records what a request did besides its changes: which personal fields of other accounts it read, and which changes
//! were refused. It is written before the response is sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::runtime::Handle;

use super::{refusals::Recording, writer::log_failure};
use crate::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor, Entry, Target, TargetKind},
    id::UserId,
    network::Network,
    principal::Principal,
    role::RoleName,
    session::Client,
};
use fieldguard_store as store;

/// What a request did.
#[derive(Debug, Default)]
pub struct Performed {
    /// The personal fields that the request read, by field coordinate, with the accounts it read them from. The
    /// caller's own account is not included.
    pub reads: BTreeMap<BTreeSet<String>, BTreeSet<UserId>>,
    /// The personal fields that the request filtered or sorted accounts by, whether or not it found any.
    pub sought: BTreeSet<String>,
    /// The changes that were refused because the caller lacked permissions.
    pub refusals: Vec<Refused>,
}

/// A refused change.
#[derive(Debug)]
pub struct Refused {
    /// The field coordinate of the refused mutation.
    pub coordinate: String,
    /// The error code.
    pub code: String,
    /// The object that the change addressed.
    pub target: Option<RefusedTarget>,
}

/// The object that a refused change addressed, as the arguments name it.
#[derive(Debug)]
pub enum RefusedTarget {
    /// An id of an object of any kind, which may not exist.
    Id(String),
    /// The name of a role. Its id is recorded, or no target if there is no such role.
    Role(RoleName),
}

/// The event of a refused change, and its target.
type Refusal = (Entry, Option<RefusedTarget>);

impl RefusedTarget {
    const fn role(&self) -> Option<&RoleName> {
        match self {
            Self::Role(name) => Some(name),
            Self::Id(_) => None,
        }
    }
}

impl Accounts {
    /// Writes what the request did to the audit log. If this fails, the response must not be sent.
    ///
    /// # Errors
    ///
    /// [`Error::Unrecorded`].
    pub async fn record(&self, caller: Option<&Principal>, client: &Client, performed: Performed) -> Result<(), Error> {
        let Performed { reads, sought, refusals } = performed;
        // If accounts were found, their event already names these fields.
        let is_recorded = reads.keys().any(|coordinates| coordinates.is_superset(&sought));
        let mut entries = self.reads(caller, client, reads);
        if !is_recorded && !sought.is_empty() {
            let entry = self.entry(Action::PersonalDataRead, Actor::caller_or_anonymous(caller), client);
            entries.push(Entry { coordinates: sought.into_iter().collect(), ..entry });
        }
        let refusals = refusals.into_iter().filter_map(|refused| self.refusal(caller, client, refused)).collect();
        entries.extend(self.with_targets(refusals).await?);
        self.audit_writer().write(entries).await
    }

    /// Writes refused changes whose client has disconnected. If this fails, the failure is logged.
    pub fn record_unanswered(&self, caller: Option<&Principal>, client: &Client, refusals: Vec<Refused>) {
        let refusals: Vec<_> =
            refusals.into_iter().filter_map(|refused| self.refusal(caller, client, refused)).collect();
        // Without a runtime, the server is shutting down.
        if let (false, Ok(runtime)) = (refusals.is_empty(), Handle::try_current()) {
            let accounts = self.clone();
            runtime.spawn(async move {
                match accounts.with_targets(refusals).await {
                    Ok(entries) => accounts.audit_writer().write_or_log(entries).await,
                    Err(error) => log_failure(&error),
                }
            });
        }
    }

    /// One event for all accounts from which the same fields were read.
    fn reads(
        &self,
        caller: Option<&Principal>,
        client: &Client,
        reads: BTreeMap<BTreeSet<String>, BTreeSet<UserId>>,
    ) -> Vec<Entry> {
        let entry_of = |(coordinates, subjects): (BTreeSet<String>, BTreeSet<UserId>)| {
            let entry = self.entry(Action::PersonalDataRead, Actor::caller_or_anonymous(caller), client);
            let only = subjects.first().filter(|_| subjects.len() == 1).copied();
            let target = only.map(Target::from);
            Entry { coordinates: coordinates.into_iter().collect(), subjects, target, ..entry }
        };
        reads.into_iter().map(entry_of).collect()
    }

    fn refusal(&self, caller: Option<&Principal>, client: &Client, refused: Refused) -> Option<Refusal> {
        let Refused { coordinate, code, target } = refused;
        let source = match caller {
            Some(caller) => caller.user().to_string(),
            None => Network::of(client).map(|network| network.to_string()).unwrap_or_default(),
        };
        let reason = match self.refusals().count(&source, self.clock.now()) {
            Recording::Regular => code,
            Recording::Last => format!("{code}, the last that is recorded this hour"),
            Recording::None => return None,
        };
        let entry = self.entry(Action::MutationRefused, Actor::caller_or_anonymous(caller), client).because(reason);
        Some((Entry { coordinates: vec![coordinate], ..entry }, target))
    }

    /// The events with their targets. Roles are looked up in one query, which only refusals that name a role cost.
    async fn with_targets(&self, refusals: Vec<Refusal>) -> Result<Vec<Entry>, Error> {
        let names: BTreeSet<_> = refusals.iter().filter_map(|(_, target)| target.as_ref()?.role()).cloned().collect();
        let roles = store::roles::named(&self.store, &Vec::from_iter(names)).await;
        let roles = roles.map_err(|error| Error::Unrecorded(Some(Arc::new(error))))?;
        let found = |target| match target {
            RefusedTarget::Id(id) => Some(Target::new(TargetKind::Unknown, id)),
            RefusedTarget::Role(name) => roles.iter().find(|role| role.name == name).map(|role| role.id.into()),
        };
        Ok(refusals.into_iter().map(|(entry, target)| Entry { target: target.and_then(found), ..entry }).collect())
    }
}
