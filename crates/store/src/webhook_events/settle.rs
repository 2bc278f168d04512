//! Stores what came of an attempt. Each function returns false, and changes nothing, if another attempt was begun meanwhile.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{Claimed, lock};
use crate::dialect::Dialect;
use crate::{Error, Tx, time};
use fieldguard_domain::webhook_event::{Outcome, WebhookState};

/// The event is delivered.
///
/// # Errors
///
/// If the database fails.
pub async fn deliver(tx: &Tx, claimed: &Claimed, outcome: Outcome, now: DateTime<Utc>) -> Result<bool, Error> {
    settle(tx, claimed, WebhookState::Delivered, outcome, now).await
}

/// The event is not tried again.
///
/// # Errors
///
/// If the database fails.
pub async fn give_up(tx: &Tx, claimed: &Claimed, outcome: Outcome, now: DateTime<Utc>) -> Result<bool, Error> {
    settle(tx, claimed, WebhookState::Dead, outcome, now).await
}

/// The event is tried again at `at`. Later events of the user wait for it, and are not looked at before.
///
/// # Errors
///
/// If the database fails.
pub async fn retry(tx: &Tx, claimed: &Claimed, outcome: Outcome, at: DateTime<Utc>) -> Result<bool, Error> {
    if !update(tx, claimed, WebhookState::Pending, outcome, at, None).await? {
        return Ok(false);
    }
    let sql = format!(
        "UPDATE webhook_events SET next_attempt_at = $1 WHERE id IN (SELECT id FROM webhook_events \
         WHERE account_id = $2 AND state = 'pending' AND next_attempt_at < $1 ORDER BY sequence {})",
        lock(tx.kind())
    );
    execute(tx, &sql, [time::millis(at).into(), claimed.user.clone().into()]).await?;
    Ok(true)
}

async fn settle(
    tx: &Tx,
    claimed: &Claimed,
    state: WebhookState,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    if !update(tx, claimed, state, outcome, now, Some(now)).await? {
        return Ok(false);
    }
    // The user's next event waited for this one.
    let sql = "UPDATE webhook_events SET next_attempt_at = $1 WHERE next_attempt_at > $1 AND id = \
               (SELECT id FROM webhook_events WHERE account_id = $2 AND state = 'pending' ORDER BY sequence LIMIT 1)";
    execute(tx, sql, [time::millis(now).into(), claimed.user.clone().into()]).await?;
    Ok(true)
}

async fn update(
    tx: &Tx,
    claimed: &Claimed,
    state: WebhookState,
    outcome: Outcome,
    next_attempt_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    let sql = "UPDATE webhook_events SET state = $1, next_attempt_at = $2, settled_at = $3, last_status = $4, \
               last_error = $5 WHERE id = $6 AND attempts = $7 AND state = 'pending'";
    let values = [
        state.as_str().into(),
        time::millis(next_attempt_at).into(),
        settled_at.map(time::millis).into(),
        outcome.status().map(i64::from).into(),
        outcome.failure().map(|failure| failure.as_str().to_owned()).into(),
        claimed.id.uuid().into(),
        i64::from(claimed.attempts).into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

async fn execute(tx: &Tx, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Result<u64, Error> {
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, values)).await?.rows_affected())
}
