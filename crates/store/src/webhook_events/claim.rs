//! Claims due events for delivery.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{
    indexed_by,
    row::{COLUMNS, Row, attempts},
};
use crate::dialect::Dialect;
use crate::{Error, Store, Tx, time};
use fieldguard_domain::{id::WebhookEventId, overview::DatabaseType, webhook_event::WebhookEvent};

/// An event, for as long as its lease lasts.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The identifier.
    pub id: WebhookEventId,
    /// The id of the user it is about.
    pub user: String,
    /// The event. `None` if a newer version recorded it and this version cannot send it.
    pub event: Option<WebhookEvent>,
    /// The number of this attempt, since the event was recorded or replayed. What is stored about the attempt is ignored
    /// if the lease has expired and another attempt was begun.
    pub attempts: u32,
    /// When it was recorded or replayed.
    pub queued_at: DateTime<Utc>,
}

/// The events that may be sent at the time `$1`: the first that is pending of each user, if it is due.
fn due(kind: DatabaseType) -> String {
    let index = indexed_by(kind, "webhook_events_due");
    format!(
        "SELECT id FROM webhook_events AS due {index} WHERE state = 'pending' AND next_attempt_at <= $1 \
         AND NOT EXISTS (SELECT 1 FROM webhook_events AS earlier WHERE earlier.state = 'pending' \
         AND earlier.account_id = due.account_id AND earlier.sequence < due.sequence)"
    )
}

/// Whether an event may be sent at `now`.
///
/// # Errors
///
/// If the database fails.
pub async fn has_due(store: &Store, now: DateTime<Utc>) -> Result<bool, Error> {
    let statement = store.kind.statement(format!("{} LIMIT 1", due(store.kind)), [time::millis(now).into()]);
    Ok(store.reader.query_one_raw(statement).await?.is_some())
}

/// Claims at most `limit` events that may be sent at `now`, until `until`, those that are due longest first. Skips events
/// that another transaction claims.
///
/// # Errors
///
/// If the database fails.
pub async fn claim(tx: &Tx, now: DateTime<Utc>, until: DateTime<Utc>, limit: u32) -> Result<Vec<Claimed>, Error> {
    // On SQLite the transaction itself is the lock.
    let lock = match tx.kind() {
        DatabaseType::Sqlite => "",
        DatabaseType::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let due = due(tx.kind());
    let columns = COLUMNS.map(|column| format!("webhook_events.{column}")).join(", ");
    let sql = format!(
        "WITH claimed AS MATERIALIZED ({due} ORDER BY next_attempt_at LIMIT $3 {lock}) \
         UPDATE webhook_events SET attempts = attempts + 1, next_attempt_at = $2 FROM claimed \
         WHERE webhook_events.id = claimed.id RETURNING webhook_events.id, {columns}"
    );
    let values = [time::millis(now).into(), time::millis(until).into(), i64::from(limit).into()];
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, values)).await?;
    rows.iter().map(|row| Ok(claimed(Row::read(row).map_err(sea_orm::DbErr::from)?))).collect()
}

fn claimed(row: Row) -> Claimed {
    Claimed {
        id: row.id.into(),
        user: row.account_id.clone(),
        attempts: attempts(row.attempts),
        queued_at: time::from_millis(row.queued_at),
        event: row.event(),
    }
}
