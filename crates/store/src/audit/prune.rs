//! Removes old rows, from the oldest on, and leaves the hash of the last of them in the head, from which the chain goes on.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{head, subjects};
use crate::dialect::Dialect;
use crate::{Error, Store, Tx, time};
use fieldguard_domain::{
    audit::{Action, Actor, Entry},
    session::Client,
};

/// Rows removed in one transaction at most: others wait for it.
const AT_ONCE: i64 = 5_000;

/// Removes rows from before `cutoff`, some at a time, and tells how many; 0 where none are left. A row that is young enough
/// keeps those after it, whatever their time. A row from the future, when the clock was ahead, is as old as the one after it.
/// The trail itself says that it was done.
///
/// # Errors
///
/// Where the database fails.
pub async fn prune(store: &Store, cutoff: DateTime<Utc>, now: DateTime<Utc>) -> Result<i64, Error> {
    if !is_due(store, cutoff, now).await? {
        return Ok(0);
    }
    let tx = store.write().await?;
    // First here, since nothing else is locked: of several who prune at once, the later find nothing to do.
    let mut head = head::hold(&tx).await?;
    let Some(last) = last_old(&tx, cutoff, now).await? else { return Ok(0) };
    let before = head.pruned_sequence;
    subjects::forget_up_to(&tx, last.0).await?;
    let sql = "DELETE FROM audit_events WHERE sequence <= $1";
    tx.connection().execute_raw(tx.kind().statement(sql, [last.0.into()])).await?;
    (head.pruned_sequence, head.pruned_hash) = last.clone();
    head::keep(&tx, head).await?;
    let note = Entry::new(Action::AuditLogPruned, Actor::Server, &Client::default(), now);
    tx.note(note.because(last.0.to_string()));
    tx.commit().await?;
    Ok(last.0 - before)
}

async fn is_due(store: &Store, cutoff: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool, Error> {
    let sql = "SELECT occurred_at FROM audit_events ORDER BY sequence LIMIT 1";
    let oldest = store.reader.query_one_raw(store.kind.statement(sql, [])).await?;
    let oldest: Option<i64> = oldest.map(|row| row.try_get("", "occurred_at")).transpose()?;
    Ok(oldest.is_some_and(|at| at < time::millis(cutoff) || at > time::millis(now)))
}

/// The number and the hash of the last row, counted from the oldest, before which all are old.
async fn last_old(tx: &Tx, cutoff: DateTime<Utc>, now: DateTime<Utc>) -> Result<Option<(i64, String)>, Error> {
    let sql = "SELECT sequence, occurred_at, hash FROM audit_events ORDER BY sequence LIMIT $1";
    let mut last = None;
    for row in tx.connection().query_all_raw(tx.kind().statement(sql, [AT_ONCE.into()])).await? {
        let at: i64 = row.try_get("", "occurred_at")?;
        if at > time::millis(now) {
            continue;
        }
        if at >= time::millis(cutoff) {
            break;
        }
        last = Some((row.try_get("", "sequence")?, row.try_get("", "hash")?));
    }
    Ok(last)
}
