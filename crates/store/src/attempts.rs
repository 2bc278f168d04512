//! Attempts, counted by a key of 32 bytes. What a key stands for, and how long a client waits after how many failures, is not
//! known here.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Cause, DatabaseKind, Error, Tx, time};
use crate::dialect::Dialect;
use fieldguard_domain::guessing::{Attempts, FORGOTTEN_AFTER};

/// What attempts are counted by.
pub type Key = [u8; 32];

/// How many rows that no longer matter one attempt deletes. More than it adds, so that the table shrinks in the end; few, so
/// that no sign-in waits for the leftovers of yesterday's attack.
const PRUNED: u32 = 16;

#[derive(FromQueryResult)]
struct Row {
    failures: i64,
    last_at: i64,
    not_before: i64,
    in_flight: String,
}

/// The attempts under that key, which no other transaction counts until this one ends. A transaction that holds several takes
/// them in an order that all others keep to.
///
/// # Errors
///
/// Where the database fails.
pub async fn hold(tx: &Tx, key: &Key) -> Result<Attempts, Error> {
    // The update changes nothing: it is there for PostgreSQL to lock the row.
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

/// Keeps the attempts under a key that the transaction holds.
///
/// # Errors
///
/// Where the database fails.
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

/// Forgets the attempts under that key.
///
/// # Errors
///
/// Where the database fails.
pub async fn forget(tx: &Tx, key: &Key) -> Result<(), Error> {
    let statement = tx.kind().statement("DELETE FROM attempts WHERE key = $1", [key.to_vec().into()]);
    tx.connection().execute_raw(statement).await?;
    Ok(())
}

/// Deletes some of what no longer matters at `now`. Call it last: it waits for no lock, so no two transactions can wait for
/// each other.
///
/// # Errors
///
/// Where the database fails.
pub async fn prune(tx: &Tx, now: DateTime<Utc>) -> Result<(), Error> {
    let unheld = match tx.kind() {
        DatabaseKind::Sqlite => "",
        DatabaseKind::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let sql = format!(
        "DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE last_at <= $1 LIMIT {PRUNED} {unheld})"
    );
    let statement = tx.kind().statement(sql, [time::millis(now - FORGOTTEN_AFTER).into()]);
    tx.connection().execute_raw(statement).await?;
    Ok(())
}
