//! Counters of attempts, identified by a key of 32 bytes. Callers define what a key stands for, and how long a client
//! waits.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Cause, DatabaseType, Error, Tx, time};
use crate::dialect::Dialect;
use fieldguard_domain::guessing::{Attempts, FORGOTTEN_AFTER};

/// The key of a counter.
pub type Key = [u8; 32];

/// The number of obsolete rows that one attempt deletes. It exceeds the one row that an attempt adds, so the table
/// shrinks; it is small, so that no sign-in waits for the rows of an earlier attack.
const PRUNED: u32 = 16;

#[derive(FromQueryResult)]
struct Row {
    failures: i64,
    last_at: i64,
    not_before: i64,
    in_flight: String,
}

/// Locks the counter `key` until the transaction ends, and returns it. A transaction that locks several counters must
/// do so in the global order.
///
/// # Errors
///
/// If the database fails.
pub async fn hold(tx: &Tx, key: &Key) -> Result<Attempts, Error> {
    // The update changes nothing. It makes PostgreSQL lock the row.
    let sql = "INSERT INTO attempts (key, failures, last_at, not_before) VALUES ($1, 0, 0, 0) \
               ON CONFLICT (key) DO UPDATE SET failures = attempts.failures \
               RETURNING failures, last_at, not_before, in_flight";
    let statement = tx.kind().statement(sql, [key.to_vec().into()]);
    let row = Row::find_by_statement(statement).one(tx.connection()).await?.ok_or_else(Cause::unreadable)?;
    let in_flight: Vec<i64> = serde_json::from_str(&row.in_flight).map_err(|_| Cause::unreadable())?;
    Ok(Attempts {
        failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
        last_at: time::from_millis(row.last_at),
        not_before: time::from_millis(row.not_before),
        in_flight: in_flight.into_iter().map(time::from_millis).collect(),
    })
}

/// Stores a counter that the transaction has locked.
///
/// # Errors
///
/// If the database fails.
pub async fn keep(tx: &Tx, key: &Key, attempts: &Attempts) -> Result<(), Error> {
    let sql = "UPDATE attempts SET failures = $2, last_at = $3, not_before = $4, in_flight = $5 WHERE key = $1";
    let in_flight: serde_json::Value = attempts.in_flight.iter().copied().map(time::millis).collect();
    let values = [
        key.to_vec().into(),
        i64::from(attempts.failures).into(),
        time::millis(attempts.last_at).into(),
        time::millis(attempts.not_before).into(),
        in_flight.to_string().into(),
    ];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}

/// Deletes a counter.
///
/// # Errors
///
/// If the database fails.
pub async fn forget(tx: &Tx, key: &Key) -> Result<(), Error> {
    let statement = tx.kind().statement("DELETE FROM attempts WHERE key = $1", [key.to_vec().into()]);
    tx.connection().execute_raw(statement).await?;
    Ok(())
}

/// Deletes some rows that are obsolete at `now`. Call it last: it waits for no lock, so it cannot cause a deadlock.
///
/// # Errors
///
/// If the database fails.
pub async fn prune(tx: &Tx, now: DateTime<Utc>) -> Result<(), Error> {
    let skip_locked = match tx.kind() {
        DatabaseType::Sqlite => "",
        DatabaseType::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let sql = format!(
        "DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE last_at <= $1 LIMIT {PRUNED} {skip_locked})"
    );
    let statement = tx.kind().statement(sql, [time::millis(now - FORGOTTEN_AFTER).into()]);
    tx.connection().execute_raw(statement).await?;
    Ok(())
}
