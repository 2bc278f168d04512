//! Adds mails to the outbox.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Value};

use crate::dialect::Dialect;
use crate::{Error, Tx, time};
use fieldguard_domain::{
    email::EmailAddress,
    id::MailId,
    mail::{Mail, MailKind},
};

/// Adds a mail.
///
/// # Errors
///
/// If the database fails.
///
/// # Panics
///
/// Never: texts and times serialize to JSON.
pub async fn add(tx: &Tx, mail: &Mail) -> Result<(), Error> {
    let content = serde_json::to_string(&mail.content).expect("texts and times serialize to JSON");
    insert(tx, mail.id, Some(mail.user.uuid()).into(), mail.kind, &mail.recipient, content, mail.queued_at).await
}

/// Adds a request for a mail with a password reset code, whether or not an account has the address.
///
/// # Errors
///
/// If the database fails.
pub async fn add_reset_request(tx: &Tx, id: MailId, address: &EmailAddress, now: DateTime<Utc>) -> Result<(), Error> {
    let no_account = None::<uuid::Uuid>.into();
    insert(tx, id, no_account, MailKind::PasswordReset, address.as_str(), String::new(), now).await
}

async fn insert(
    tx: &Tx,
    id: MailId,
    account: Value,
    kind: MailKind,
    recipient: &str,
    content: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let sql = "INSERT INTO mails (id, account_id, kind, recipient, content, queued_at, attempts, next_attempt_at) \
               VALUES ($1, $2, $3, $4, $5, $6, 0, $6)";
    let values =
        [id.uuid().into(), account, kind.as_str().into(), recipient.into(), content.into(), time::millis(now).into()];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    tx.mail_signal().note_added();
    Ok(())
}
