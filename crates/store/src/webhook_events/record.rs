//! Records the events that follow from the audit entries of a transaction.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::dialect::{Dialect, Values, placeholders};
use crate::{Error, Reader, time};
use fieldguard_domain::{
    audit::{Entry, TargetKind},
    id::{SessionId, UserId, WebhookEventId},
    webhook_event::{Details, EventType, EventTypes, WebhookState},
};

/// Maximum number of rows in one statement, and of ids in one lookup.
const ROWS: usize = 32;
const IDS: usize = 500;

/// The columns that differ from the values of a new event.
const COLUMNS: &str = "id, sequence, account_id, username, event_type, details, occurred_at, state, queued_at, attempts, \
                       next_attempt_at";
const COLUMN_COUNT: usize = 11;

/// An event without its sequence number, which the audit log assigns.
pub(crate) struct Prepared<'a> {
    /// The place of its entry among the entries of the transaction.
    place: usize,
    entry: &'a Entry,
    event_type: EventType,
    user: UserId,
    username: Option<String>,
}

/// The events of `types` that follow from these entries. Looks up the owners of sessions and the current usernames, which
/// the transaction may have changed. Do this before the audit log is locked.
pub(crate) async fn prepare<'a>(
    tx: &impl Reader,
    types: &EventTypes,
    entries: &'a [Entry],
) -> Result<Vec<Prepared<'a>>, Error> {
    let with_type = |(place, entry): (usize, &'a Entry)| {
        let event_type = EventType::of(entry.action).filter(|event_type| types.contains(*event_type))?;
        Some((place, entry, event_type))
    };
    let wanted: Vec<_> = entries.iter().enumerate().filter_map(with_type).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let sessions: BTreeSet<_> = wanted.iter().filter_map(|(_, entry, _)| session(entry)).map(SessionId::uuid).collect();
    let owners: BTreeMap<_, Uuid> =
        lookup(tx, "SELECT id, account_id AS value FROM sessions WHERE id IN", &sessions).await?;
    let owner = |entry: &Entry| user(entry).or_else(|| owners.get(&session(entry)?.uuid()).copied().map(UserId::from));
    let mut prepared: Vec<_> = wanted
        .into_iter()
        .filter_map(|(place, entry, event_type)| {
            Some(Prepared { place, entry, event_type, user: owner(entry)?, username: None })
        })
        .collect();
    let users = prepared.iter().map(|event| event.user.uuid()).collect();
    let names = lookup(tx, "SELECT id, username AS value FROM accounts WHERE id IN", &users).await?;
    for event in &mut prepared {
        event.username = names.get(&event.user.uuid()).cloned();
    }
    Ok(prepared)
}

/// Inserts the events. `first` is the sequence number of the transaction's first entry in the audit log, which is locked:
/// so the numbers are in the order of commits.
pub(crate) async fn insert(tx: &impl Reader, prepared: &[Prepared<'_>], first: i64) -> Result<(), Error> {
    for some in prepared.chunks(ROWS) {
        let tuples = (0..some.len()).map(|row| placeholders(1 + row * COLUMN_COUNT, COLUMN_COUNT));
        let tuples = tuples.collect::<Vec<_>>().join("), (");
        let sql = format!("INSERT INTO webhook_events ({COLUMNS}) VALUES ({tuples})");
        let values = some.iter().flat_map(|event| event.values(first));
        tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    }
    Ok(())
}

impl Prepared<'_> {
    fn values(&self, first: i64) -> [Value; COLUMN_COUNT] {
        let at = time::millis(self.entry.at);
        let details = Details::of(self.event_type, self.entry);
        let sequence = first.saturating_add(i64::try_from(self.place).unwrap_or(i64::MAX));
        [
            WebhookEventId::in_order(self.entry.at, sequence).uuid().into(),
            sequence.into(),
            self.user.to_string().into(),
            self.username.clone().into(),
            self.event_type.as_str().into(),
            serde_json::to_string(&details).expect("strings and lists of strings serialize to JSON").into(),
            at.into(),
            WebhookState::Pending.as_str().into(),
            at.into(),
            0_i64.into(),
            at.into(),
        ]
    }
}

/// The user that the entry is about, if its target says so.
fn user(entry: &Entry) -> Option<UserId> {
    let target = entry.target.as_ref().filter(|target| target.kind == TargetKind::User)?;
    UserId::parse(&target.id)
}

fn session(entry: &Entry) -> Option<SessionId> {
    let target = entry.target.as_ref().filter(|target| target.kind == TargetKind::Session)?;
    SessionId::parse(&target.id)
}

/// The columns `id` and `value` of the rows with these ids. `sql` ends before the list.
async fn lookup<T: sea_orm::TryGetable>(
    tx: &impl Reader,
    sql: &str,
    ids: &BTreeSet<Uuid>,
) -> Result<BTreeMap<Uuid, T>, Error> {
    let mut found = BTreeMap::new();
    for some in Vec::from_iter(ids).chunks(IDS) {
        let mut values = Values::default();
        let list: Vec<_> = some.iter().map(|id| values.add(**id)).collect();
        let sql = format!("{sql} ({})", list.join(", "));
        let rows = tx.connection().query_all_raw(tx.kind().statement(sql, values.into_vec())).await?;
        let pair = |row: &QueryResult| Ok::<_, sea_orm::DbErr>((row.try_get("", "id")?, row.try_get("", "value")?));
        found.extend(rows.iter().map(pair).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(found)
}
