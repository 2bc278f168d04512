//! Records what a request did besides its changes: which personal fields of other accounts it read, and which changes
//! were refused. It is written before the response is sent.

use std::collections::{BTreeMap, BTreeSet};

use tokio::runtime::Handle;

use super::refusals::Recording;
use crate::{Accounts, error::Error};
use fieldguard_domain::{
    audit::{Action, Actor, Entry, Target, TargetKind},
    id::UserId,
    network::Network,
    principal::Principal,
    session::Client,
};

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
    /// The id of the object that the change addressed.
    pub target: Option<String>,
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
            let entry = self.entry(Action::PersonalDataRead, Actor::caller_or_nobody(caller), client);
            entries.push(Entry { coordinates: sought.into_iter().collect(), ..entry });
        }
        entries.extend(refusals.into_iter().filter_map(|refused| self.refusal(caller, client, refused)));
        self.audit_writer().write(entries).await
    }

    /// Writes refused changes whose client has disconnected. If this fails, the failure is logged.
    pub fn record_unanswered(&self, caller: Option<&Principal>, client: &Client, refusals: Vec<Refused>) {
        let entries: Vec<_> =
            refusals.into_iter().filter_map(|refused| self.refusal(caller, client, refused)).collect();
        // Without a runtime, the server is shutting down.
        if let (false, Ok(runtime)) = (entries.is_empty(), Handle::try_current()) {
            let accounts = self.clone();
            runtime.spawn(async move { accounts.audit_writer().write_or_log(entries).await });
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
            let entry = self.entry(Action::PersonalDataRead, Actor::caller_or_nobody(caller), client);
            let only = subjects.first().filter(|_| subjects.len() == 1).copied();
            let target = only.map(Target::from);
            Entry { coordinates: coordinates.into_iter().collect(), subjects, target, ..entry }
        };
        reads.into_iter().map(entry_of).collect()
    }

    fn refusal(&self, caller: Option<&Principal>, client: &Client, refused: Refused) -> Option<Entry> {
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
        let entry = self.entry(Action::MutationRefused, Actor::caller_or_nobody(caller), client).because(reason);
        let target = target.map(|id| Target::new(TargetKind::Unknown, id));
        Some(Entry { coordinates: vec![coordinate], target, ..entry })
    }
}
