//! What a request did beyond its changes: personal fields of others that it read, and changes it was refused. It is written
//! before the answer leaves.

use std::collections::{BTreeMap, BTreeSet};

use tokio::runtime::Handle;

use super::refusals::Share;
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
    /// The personal fields that it read, by their coordinates, and of which accounts, the caller's own apart.
    pub reads: BTreeMap<BTreeSet<String>, BTreeSet<UserId>>,
    /// The personal fields by whose values it looked for accounts, whoever was found.
    pub sought: BTreeSet<String>,
    /// The changes that it was refused for want of rights.
    pub refusals: Vec<Refused>,
}

/// A change that was refused.
#[derive(Debug)]
pub struct Refused {
    /// The field that was refused.
    pub coordinate: String,
    /// The code of the refusal.
    pub code: String,
    /// The identifier that the change addressed.
    pub target: Option<String>,
}

impl Accounts {
    /// Writes what the request did to the audit trail. Where that fails, its answer must not leave.
    ///
    /// # Errors
    ///
    /// [`Error::Unrecorded`].
    pub async fn record(&self, caller: Option<&Principal>, client: &Client, performed: Performed) -> Result<(), Error> {
        let Performed { reads, sought, refusals } = performed;
        // Where somebody was found, the row that says so says this too.
        let is_told = reads.keys().any(|it| it.is_superset(&sought));
        let mut entries = self.reads(caller, client, reads);
        if !is_told && !sought.is_empty() {
            let entry = self.entry(Action::PersonalDataRead, Actor::caller_or_nobody(caller), client);
            entries.push(Entry { coordinates: sought.into_iter().collect(), ..entry });
        }
        entries.extend(refusals.into_iter().filter_map(|it| self.refusal(caller, client, it)));
        self.trail().write(entries).await
    }

    /// Does the same for changes that were refused to a client that is gone. Where they cannot be written, the log says so.
    pub fn record_unanswered(&self, caller: Option<&Principal>, client: &Client, refusals: Vec<Refused>) {
        let entries: Vec<_> = refusals.into_iter().filter_map(|it| self.refusal(caller, client, it)).collect();
        // Without a runtime the server is gone, too.
        if let (false, Ok(runtime)) = (entries.is_empty(), Handle::try_current()) {
            let accounts = self.clone();
            runtime.spawn(async move { accounts.trail().write_unheard(entries).await });
        }
    }

    /// One row for all accounts of which the same fields were read.
    fn reads(
        &self,
        caller: Option<&Principal>,
        client: &Client,
        reads: BTreeMap<BTreeSet<String>, BTreeSet<UserId>>,
    ) -> Vec<Entry> {
        let row = |(coordinates, subjects): (BTreeSet<String>, BTreeSet<UserId>)| {
            let entry = self.entry(Action::PersonalDataRead, Actor::caller_or_nobody(caller), client);
            let only = subjects.first().filter(|_| subjects.len() == 1).copied();
            let target = only.map(Target::from);
            Entry { coordinates: coordinates.into_iter().collect(), subjects, target, ..entry }
        };
        reads.into_iter().map(row).collect()
    }

    fn refusal(&self, caller: Option<&Principal>, client: &Client, refused: Refused) -> Option<Entry> {
        let Refused { coordinate, code, target } = refused;
        let whom = match caller {
            Some(caller) => caller.user().to_string(),
            None => Network::of(client).map(|it| it.to_string()).unwrap_or_default(),
        };
        let reason = match self.refusals().count(&whom, self.clock.now()) {
            Share::Row => code,
            Share::LastRow => format!("{code}, the last that is recorded this hour"),
            Share::Nothing => return None,
        };
        let entry = self.entry(Action::MutationRefused, Actor::caller_or_nobody(caller), client).because(reason);
        let target = target.map(|id| Target::new(TargetKind::Unknown, id));
        Some(Entry { coordinates: vec![coordinate], target, ..entry })
    }
}
