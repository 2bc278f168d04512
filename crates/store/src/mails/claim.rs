//! Claims due mails for sending.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, TryGetError};

use crate::dialect::Dialect;
use crate::{Error, Store, Tx, time};
use fieldguard_domain::{
    id::{MailId, UserId},
    mail::{Mail, MailContent, MailKind},
    overview::DatabaseType,
};

/// A mail, for as long as its lease lasts.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The identifier.
    pub id: MailId,
    /// What was queued. `None` if a newer version queued it and this version cannot send it.
    pub queued: Option<Queued>,
    /// The number of this attempt. What is stored about the attempt is ignored if the lease has expired and another
    /// attempt was begun.
    pub attempts: u32,
}

/// What waits in the outbox.
#[derive(Debug, Clone)]
pub enum Queued {
    /// A mail.
    Mail(Mail),
    /// The request for a password reset of the account with this address, if there is one.
    ResetRequest {
        /// The address.
        address: String,
        /// The time of the request.
        queued_at: DateTime<Utc>,
    },
}

const DUE: &str = "SELECT id FROM mails WHERE next_attempt_at <= $1";

/// Whether a mail may be sent at `now`.
///
/// # Errors
///
/// If the database fails.
pub async fn has_due(store: &Store, now: DateTime<Utc>) -> Result<bool, Error> {
    let statement = store.kind.statement(format!("{DUE} LIMIT 1"), [time::millis(now).into()]);
    Ok(store.reader.query_one_raw(statement).await?.is_some())
}

/// Claims at most `limit` mails that may be sent at `now`, until `until`, those that are due longest first. Skips mails
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
    let sql = format!(
        "WITH claimed AS MATERIALIZED ({DUE} ORDER BY next_attempt_at LIMIT $3 {lock}) \
         UPDATE mails SET attempts = attempts + 1, next_attempt_at = $2 FROM claimed WHERE mails.id = claimed.id \
         RETURNING mails.id, mails.account_id, mails.kind, mails.recipient, mails.content, mails.queued_at, \
         mails.attempts"
    );
    let values = [time::millis(now).into(), time::millis(until).into(), i64::from(limit).into()];
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, values)).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>().map_err(sea_orm::DbErr::from)?)
}

fn read(row: &QueryResult) -> Result<Claimed, TryGetError> {
    let id = MailId::from(row.try_get_by::<uuid::Uuid, _>("id")?);
    let user = row.try_get_by::<Option<uuid::Uuid>, _>("account_id")?.map(UserId::from);
    let (kind, content): (String, String) = (row.try_get_by("kind")?, row.try_get_by("content")?);
    let recipient = row.try_get_by("recipient")?;
    let queued_at = time::from_millis(row.try_get_by("queued_at")?);
    let attempts: i64 = row.try_get_by("attempts")?;
    let mail = || {
        let (kind, content) = (MailKind::from_stored(&kind)?, serde_json::from_str::<MailContent>(&content).ok()?);
        Some((kind, content))
    };
    let queued = match user {
        Some(user) => {
            mail().map(|(kind, content)| Queued::Mail(Mail { id, kind, user, recipient, content, queued_at }))
        }
        None => Some(Queued::ResetRequest { address: recipient, queued_at }),
    };
    Ok(Claimed { id, queued, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) })
}
