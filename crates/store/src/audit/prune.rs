//! Prunes old events, the oldest first. The head keeps the hash of the last pruned event, so that the chain continues
//! from it.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{head, subjects};
use crate::dialect::Dialect;
use crate::{Error, Store, Tx, time};
use fieldguard_domain::{
    audit::{Action, Actor, Entry},
    session::Client,
};

/// Maximum number of events removed in one transaction, because others wait for it.
const AT_ONCE: i64 = 5_000;

/// Removes a batch of events from before `cutoff`, and returns their number; 0 if there are none. An event after
/// `cutoff` keeps all events behind it, whatever their times. An event from the future, written when the clock was
/// ahead, is as old as the next one. An audit event records the pruning.
///
/// # Errors
///
/// If the database fails.
pub async fn prune(store: &Store, cutoff: DateTime<Utc>, now: DateTime<Utc>) -> Result<i64, Error> {
    if !is_due(store, cutoff, now).await? {
        return Ok(0);
    }
    let tx = store.write().await?;
    // Locks the head before anything else: of concurrent callers, the later ones find nothing to do.
    let mut head = head::hold(&tx).await?;
    let Some(last) = last_old(&tx, cutoff, now).await? else { return Ok(0) };
    let before = head.pruned_sequence;
    subjects::forget_up_to(&tx, last.0).await?;
    let sql = "DELETE FROM audit_events WHERE sequence <= $1";
    tx.connection().execute_raw(tx.kind().statement(sql, [last.0.into()])).await?;
    (head.pruned_sequence, head.pruned_hash) = last.clone();
    head::keep(&tx, &head).await?;
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

/// The sequence number and hash of the last event of the oldest ones that are all before `cutoff`.
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
