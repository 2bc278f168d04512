//! What a restore or a copy changes in the table of signing keys.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::Error;
use crate::store::{Reader, time};

pub(super) const TABLE: &str = "signing_keys";

/// The keys that were retired.
pub(super) async fn retired(tx: &impl Reader) -> Result<Vec<String>, Error> {
    let sql = "SELECT kid FROM signing_keys WHERE retired_at IS NOT NULL";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "kid")).collect::<Result<_, _>>()?)
}

/// Lets no key sign or verify from `now` on. A key of the settings signs again when a server starts with it.
pub(super) async fn end(tx: &impl Reader, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET verifies_until = $1 WHERE retired_at IS NULL \
               AND (verifies_until IS NULL OR verifies_until > $1)";
    execute(tx, sql, [time::millis(now).into()]).await
}

/// Retires these keys, where they are there.
pub(super) async fn retire(tx: &impl Reader, kids: &[String], now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET retired_at = $1 WHERE kid = $2 AND retired_at IS NULL";
    for kid in kids {
        execute(tx, sql, [time::millis(now).into(), kid.as_str().into()]).await?;
    }
    Ok(())
}

/// The key that signs, with its private half, which is empty where it is kept elsewhere.
pub(super) async fn signing(tx: &impl Reader) -> Result<Option<(String, Vec<u8>)>, Error> {
    let sql = "SELECT kid, private_key FROM signing_keys WHERE verifies_until IS NULL AND retired_at IS NULL";
    let row = tx.connection().query_one_raw(tx.kind().statement(sql, [])).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.try_get("", "kid")?, row.try_get("", "private_key")?)))
}

/// Sets the private half of a key.
pub(super) async fn set_private(tx: &impl Reader, kid: &str, private: Vec<u8>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET private_key = $1 WHERE kid = $2";
    execute(tx, sql, [private.into(), kid.into()]).await
}

/// Lets a key sign no more, and verify until `until`.
pub(super) async fn end_signing(tx: &impl Reader, kid: &str, until: DateTime<Utc>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET verifies_until = $1 WHERE kid = $2";
    execute(tx, sql, [time::millis(until).into(), kid.into()]).await
}

async fn execute(tx: &impl Reader, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Result<(), Error> {
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}
