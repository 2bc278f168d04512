//! `fieldguard audit …`: reads and verifies the audit log in the database, whether or not a server is running.

use std::{collections::BTreeMap, time::Duration};

use chrono::SecondsFormat;
use serde_json::json;

use super::output;
use crate::{
    app::{
        Error,
        database::{self, Missing},
    },
    cli::{Audit, AuditCheckpoint, ListFormat},
    config::Config,
    domain::{
        audit::{Event, Target, TargetKind, Verdict},
        id::UserId,
    },
    store::{self, Store},
};

/// How often `--follow` looks for new events.
const INTERVAL: Duration = Duration::from_secs(1);
/// How many new events it prints at once. Older ones are skipped.
const MAX_NEW_EVENTS: u32 = 10_000;

pub(super) async fn run(config: &Config, command: Audit) -> Result<(), Error> {
    let store = database::open(config, Missing::Refuse).await?;
    match command {
        Audit::Tail { number, follow, format } => tail(&store, number, follow, format).await?,
        Audit::Verify { expect } => verify(&store, expect).await?,
    }
    store.close().await;
    Ok(())
}

async fn verify(store: &Store, expect: Option<AuditCheckpoint>) -> Result<(), Error> {
    match store::audit::verify(store, expect.map(|checkpoint| (checkpoint.number, checkpoint.hash))).await? {
        Verdict::Broken { number, fault } => Err(Error::BrokenAuditLog { number, fault }),
        Verdict::Whole { rows, last, hash } => output::print(&format!(
            "The audit log is whole: {rows} events.\n\
     To verify it against this state later, store this elsewhere: --expect {last}:{hash}\n"
        )),
    }
}

async fn tail(store: &Store, number: u32, follow: bool, format: ListFormat) -> Result<(), Error> {
    let mut last = 0;
    let mut events = store::audit::tail(store, number, last).await?;
    if let (ListFormat::Json, false) = (format, follow) {
        let names = Names::of(store, &events).await?;
        return output::print_json(&events.iter().map(|event| as_json(event, &names)).collect());
    }
    loop {
        let names = Names::of(store, &events).await?;
        for event in &events {
            last = event.number;
            output::print(&match format {
                ListFormat::Table => output::line(&[line(event, &names)], &[]),
                ListFormat::Json => output::json_line(&as_json(event, &names)),
            })?;
        }
        if !follow {
            return Ok(());
        }
        tokio::time::sleep(INTERVAL).await;
        events = store::audit::tail(store, MAX_NEW_EVENTS, last).await?;
    }
}

/// The current usernames of the accounts in these events. The audit log itself stores no names, because it outlives the
/// accounts.
struct Names(BTreeMap<UserId, String>);

impl Names {
    async fn of(store: &Store, events: &[Event]) -> Result<Self, Error> {
        let accounts_of = |event: &Event| [event.entry.actor.user(), target_account(event)];
        let users = events.iter().flat_map(accounts_of).flatten().collect();
        Ok(Self(store::users::names(store, &users).await?))
    }

    fn find(&self, user: Option<UserId>) -> Option<&str> {
        self.0.get(&user?).map(String::as_str)
    }

    /// The id, with the username after it if there is one.
    fn beside(&self, id: &str, user: Option<UserId>) -> String {
        self.find(user).map_or_else(|| id.to_owned(), |name| format!("{id} {name}"))
    }
}

/// The account that the action was done or tried on.
fn target_account(event: &Event) -> Option<UserId> {
    let target = event.entry.target.as_ref()?;
    let may_be_account = matches!(target.kind, TargetKind::User | TargetKind::Unknown);
    UserId::parse(&target.id).filter(|_| may_be_account)
}

fn line(event: &Event, names: &Names) -> String {
    let entry = &event.entry;
    let at = entry.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let actor = entry.actor.user();
    let who = actor.map_or_else(|| entry.actor.kind().as_str().to_owned(), |id| names.beside(&id.to_string(), actor));
    let on =
        |target: &Target| format!("on {} {}", target.kind.as_str(), names.beside(&target.id, target_account(event)));
    let target = entry.target.as_ref().map(on);
    let subjects = (event.subjects > 0 && target.is_none()).then(|| format!("on {} accounts", event.subjects));
    let parts = [
        target.or(subjects),
        (!entry.coordinates.is_empty()).then(|| format!("by {}", entry.coordinates.join(" "))),
        entry.ip_address.as_ref().map(|address| format!("from {address}")),
        entry.request_id.as_ref().map(|request| format!("request {request}")),
        entry.reason.as_ref().map(|reason| format!("({reason})")),
    ];
    let rest = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    format!("{:>7}  {at}  {:<22}  {who:<36}  {rest}", event.number, entry.action.as_str())
}

fn as_json(event: &Event, names: &Names) -> serde_json::Value {
    let entry = &event.entry;
    json!({
        "number": event.number,
        "id": event.id.to_string(),
        "hash": event.hash,
        "occurredAt": entry.at,
        "action": entry.action.as_str(),
        "actor": entry.actor.kind().as_str(),
        "actorId": entry.actor.user().map(|user| user.to_string()),
        "actorName": names.find(entry.actor.user()),
        "sessionId": entry.actor.session().map(|session| session.to_string()),
        "personalAccessTokenId": entry.actor.token(),
        "target": entry.target.as_ref().map(|target| target.kind.as_str()),
        "targetId": entry.target.as_ref().map(|target| target.id.as_str()),
        "targetName": names.find(target_account(event)),
        "coordinates": entry.coordinates,
        "subjects": event.subjects,
        "requestId": entry.request_id,
        "ipAddress": entry.ip_address,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
    })
}
