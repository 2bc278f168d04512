//! Codes that verify an email address or undo its change. Only their SHA-256 is stored. One conditional statement consumes
//! a code, so that only one of two concurrent requests succeeds. Callers that write here must lock the user first
//! ([`super::users::hold`]).

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, TryGetError};
use uuid::Uuid;

use super::{Error, Reader, Tx, time};
use crate::dialect::Dialect;
use fieldguard_domain::{email::EmailAddress, id::UserId};

/// What a code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Verifies the address. A user has at most one such code.
    Verify,
    /// Restores the address after a change.
    Undo,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Undo => "undo",
        }
    }
}

/// A stored code.
#[derive(Debug, Clone)]
pub struct EmailCode {
    /// The identifier.
    id: Uuid,
    /// The account.
    pub user: UserId,
    /// The address that it verifies or restores.
    pub email: EmailAddress,
}

/// Stores the SHA-256 of a code for the user and the address, and deletes all expired codes. A code that verifies replaces
/// an older one.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn put(
    tx: &Tx,
    user: UserId,
    purpose: Purpose,
    (code_hash, email): (&[u8; 32], &EmailAddress),
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    execute(tx, "DELETE FROM email_codes WHERE expires_at <= $1", [time::millis(now).into()]).await?;
    if purpose == Purpose::Verify {
        void(tx, user, purpose).await?;
    }
    let sql = "INSERT INTO email_codes (id, account_id, purpose, code_hash, email, email_key, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        Uuid::new_v4().into(),
        user.uuid().into(),
        purpose.as_str().into(),
        code_hash.to_vec().into(),
        email.as_str().into(),
        email.key().into(),
        time::millis(expires_at).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// The code, unless it has expired.
///
/// # Errors
///
/// If the database fails.
pub async fn find(
    reader: &impl Reader,
    purpose: Purpose,
    code_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<EmailCode>, Error> {
    let sql = "SELECT id, account_id, email, email_key FROM email_codes \
               WHERE code_hash = $1 AND purpose = $2 AND expires_at > $3";
    let values = [code_hash.to_vec().into(), purpose.as_str().into(), time::millis(now).into()];
    let row = reader.connection().query_one_raw(reader.kind().statement(sql, values)).await?;
    Ok(row.map(|row| read(&row)).transpose().map_err(sea_orm::DbErr::from)?)
}

/// Consumes the code. Returns whether it was still there.
///
/// # Errors
///
/// If the database fails.
pub async fn consume(tx: &Tx, code: &EmailCode) -> Result<bool, Error> {
    Ok(execute(tx, "DELETE FROM email_codes WHERE id = $1", [code.id.into()]).await? == 1)
}

/// Deletes the user's codes for this purpose.
///
/// # Errors
///
/// If the database fails.
pub async fn void(tx: &Tx, user: UserId, purpose: Purpose) -> Result<(), Error> {
    let sql = "DELETE FROM email_codes WHERE account_id = $1 AND purpose = $2";
    execute(tx, sql, [user.uuid().into(), purpose.as_str().into()]).await.map(drop)
}

fn read(row: &QueryResult) -> Result<EmailCode, TryGetError> {
    Ok(EmailCode {
        id: row.try_get_by("id")?,
        user: row.try_get_by::<Uuid, _>("account_id")?.into(),
        email: EmailAddress::from_stored(row.try_get_by("email")?, row.try_get_by("email_key")?),
    })
}

async fn execute(tx: &Tx, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Result<u64, Error> {
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, values)).await?.rows_affected())
}
