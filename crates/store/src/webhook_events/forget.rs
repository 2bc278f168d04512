//! Deletes what is no longer needed: old events, and the names of deleted users.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::lock;
use crate::dialect::Dialect;
use crate::{Error, Tx, time};
use fieldguard_domain::id::UserId;

/// Maximum number of events deleted in one transaction, because others wait for it.
const AT_ONCE: i64 = 5_000;

/// Deletes the user's name from their events, which stay: the receiver must still learn of them.
///
/// # Errors
///
/// If the database fails.
pub async fn forget_user(tx: &Tx, user: UserId) -> Result<(), Error> {
    let sql = format!(
        "UPDATE webhook_events SET username = NULL WHERE id IN \
         (SELECT id FROM webhook_events WHERE account_id = $1 ORDER BY sequence {})",
        lock(tx.kind())
    );
    tx.connection().execute_raw(tx.kind().statement(sql, [user.to_string().into()])).await?;
    Ok(())
}

/// Deletes a batch of events that were delivered or given up before `cutoff`. Returns their number, 0 if there are none.
///
/// # Errors
///
/// If the database fails.
pub async fn prune(tx: &Tx, cutoff: DateTime<Utc>) -> Result<u64, Error> {
    let sql = format!(
        "DELETE FROM webhook_events WHERE id IN (SELECT id FROM webhook_events \
         WHERE state IN ('delivered', 'dead') AND settled_at < $1 ORDER BY sequence LIMIT $2 {})",
        lock(tx.kind())
    );
    let values = [time::millis(cutoff).into(), AT_ONCE.into()];
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, values)).await?.rows_affected())
}
