//! `fieldguard audit …`: looks at the audit trail in the database, whether or not a server runs on it.

use std::time::Duration;

use chrono::SecondsFormat;
use serde_json::json;

use super::output;
use crate::{
    app::{
        Error,
        database::{self, Missing},
    },
    cli::{Audit, ListFormat, Noted},
    config::Config,
    domain::audit::{Event, Verdict},
    store::{self, Store},
};

/// How often `--follow` looks for new rows.
const EVERY: Duration = Duration::from_secs(1);
/// How many new rows it prints at once; those before them are left out.
const AT_ONCE: u32 = 10_000;

pub(super) async fn run(config: &Config, command: Audit) -> Result<(), Error> {
    let store = database::open(config, Missing::Refuse).await?;
    match command {
        Audit::Tail { number, follow, format } => tail(&store, number, follow, format).await?,
        Audit::Verify { expect } => verify(&store, expect).await?,
    }
    store.close().await;
    Ok(())
}

async fn verify(store: &Store, expect: Option<Noted>) -> Result<(), Error> {
    match store::audit::verify(store, expect.map(|it| (it.number, it.hash))).await? {
        Verdict::Broken { number, fault } => Err(Error::AuditTrail { number, fault }),
        Verdict::Whole { rows, last, hash } => output::print(&format!(
            "The audit trail is whole: {rows} rows.\n\
                 To hold it against this state later, keep this elsewhere: --expect {last}:{hash}\n"
        )),
    }
}

async fn tail(store: &Store, number: u32, follow: bool, format: ListFormat) -> Result<(), Error> {
    let mut last = 0;
    let mut events = store::audit::tail(store, number, last).await?;
    if let (ListFormat::Json, false) = (format, follow) {
        return output::print_json(&events.iter().map(as_json).collect());
    }
    loop {
        for event in &events {
            last = event.number;
            output::print(&match format {
                ListFormat::Table => output::line(&[line(event)], &[]),
                ListFormat::Json => format!("{}\n", as_json(event)),
            })?;
        }
        if !follow {
            return Ok(());
        }
        tokio::time::sleep(EVERY).await;
        events = store::audit::tail(store, AT_ONCE, last).await?;
    }
}

fn line(event: &Event) -> String {
    let entry = &event.entry;
    let at = entry.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let who = entry.actor.user().map_or_else(|| entry.actor.kind().as_str().to_owned(), |id| id.to_string());
    let target = entry.target.as_ref().map(|it| format!("on {} {}", it.kind.as_str(), it.id));
    let subjects = (event.subjects > 0 && target.is_none()).then(|| format!("on {} accounts", event.subjects));
    let parts = [
        target.or(subjects),
        (!entry.coordinates.is_empty()).then(|| format!("by {}", entry.coordinates.join(" "))),
        entry.ip_address.as_ref().map(|it| format!("from {it}")),
        entry.request_id.as_ref().map(|it| format!("request {it}")),
        entry.reason.as_ref().map(|it| format!("({it})")),
    ];
    let rest = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    format!("{:>7}  {at}  {:<22}  {who:<36}  {rest}", event.number, entry.action.as_str())
}

fn as_json(event: &Event) -> serde_json::Value {
    let entry = &event.entry;
    json!({
        "number": event.number,
        "id": event.id.to_string(),
        "hash": event.hash,
        "occurredAt": entry.at,
        "action": entry.action.as_str(),
        "actor": entry.actor.kind().as_str(),
        "actorId": entry.actor.user().map(|it| it.to_string()),
        "sessionId": entry.actor.session().map(|it| it.to_string()),
        "accessTokenId": entry.actor.token(),
        "target": entry.target.as_ref().map(|it| it.kind.as_str()),
        "targetId": entry.target.as_ref().map(|it| it.id.as_str()),
        "coordinates": entry.coordinates,
        "subjects": event.subjects,
        "requestId": entry.request_id,
        "ipAddress": entry.ip_address,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
    })
}
