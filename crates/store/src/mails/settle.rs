//! Stores what came of an attempt. Each function returns false, and changes nothing, if another attempt was begun meanwhile.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Value};

use super::Claimed;
use crate::dialect::Dialect;
use crate::{Error, Tx, time};
use fieldguard_domain::mail::Mail;

/// Deletes a mail that was sent or is not tried again, and with it its code.
///
/// # Errors
///
/// If the database fails.
pub async fn delete(tx: &Tx, claimed: &Claimed) -> Result<bool, Error> {
    execute(tx, claimed, "DELETE FROM mails WHERE id = $1 AND attempts = $2", []).await
}

/// The mail is tried again at `at`.
///
/// # Errors
///
/// If the database fails.
pub async fn retry(tx: &Tx, claimed: &Claimed, at: DateTime<Utc>) -> Result<bool, Error> {
    let sql = "UPDATE mails SET next_attempt_at = $3 WHERE id = $1 AND attempts = $2";
    execute(tx, claimed, sql, [time::millis(at).into()]).await
}

/// Completes the request for a password reset with the account and what the mail tells.
///
/// # Errors
///
/// If the database fails.
///
/// # Panics
///
/// Never: texts and times serialize to JSON.
pub async fn complete(tx: &Tx, claimed: &Claimed, mail: &Mail) -> Result<bool, Error> {
    let content = serde_json::to_string(&mail.content).expect("texts and times serialize to JSON");
    let sql = "UPDATE mails SET account_id = $3, recipient = $4, content = $5 WHERE id = $1 AND attempts = $2";
    let values = [Some(mail.user.uuid()).into(), mail.recipient.clone().into(), content.into()];
    execute(tx, claimed, sql, values).await
}

async fn execute(tx: &Tx, claimed: &Claimed, sql: &str, more: impl IntoIterator<Item = Value>) -> Result<bool, Error> {
    let own: [Value; 2] = [claimed.id.uuid().into(), i64::from(claimed.attempts).into()];
    let values: Vec<Value> = own.into_iter().chain(more).collect();
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, values)).await?.rows_affected() == 1)
}
