//! Queues events for delivery again.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::lock;
use crate::dialect::Dialect;
use crate::{Error, Tx, time};
use fieldguard_domain::id::WebhookEventId;

const REPLAY: &str = "UPDATE webhook_events SET state = 'pending', attempts = 0, queued_at = $1, next_attempt_at = $1, \
                      settled_at = NULL, last_status = NULL, last_error = NULL WHERE";

/// Queues the event for delivery at `now`, whatever its state. Returns whether it exists.
///
/// # Errors
///
/// If the database fails.
pub async fn replay(tx: &Tx, id: WebhookEventId, now: DateTime<Utc>) -> Result<bool, Error> {
    let sql = format!("{REPLAY} id = $2");
    let values = [time::millis(now).into(), id.uuid().into()];
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, values)).await?.rows_affected() == 1)
}

/// Queues every dead event for delivery at `now`. Returns their number.
///
/// # Errors
///
/// If the database fails.
pub async fn replay_dead(tx: &Tx, now: DateTime<Utc>) -> Result<u64, Error> {
    let dead = "SELECT id FROM webhook_events WHERE state = 'dead' ORDER BY sequence";
    let sql = format!("{REPLAY} id IN ({dead} {})", lock(tx.kind()));
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, [time::millis(now).into()])).await?.rows_affected())
}
