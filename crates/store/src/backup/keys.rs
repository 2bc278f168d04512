//! Changes that a restore or a copy makes to the signing keys.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use zeroize::Zeroizing;

use super::Error;
use crate::dialect::Dialect;
use crate::{Reader, time};

pub(super) const TABLE: &str = "signing_keys";

/// The `kid` of every retired key.
pub(super) async fn retired(tx: &impl Reader) -> Result<Vec<String>, Error> {
    let sql = "SELECT kid FROM signing_keys WHERE retired_at IS NOT NULL";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "kid")).collect::<Result<_, _>>()?)
}

/// Stops all keys from signing and verifying from `now` on. A configured key signs again when a server starts with it.
pub(super) async fn stop_all(tx: &impl Reader, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET signs_from = NULL, \
               verifies_until = CASE WHEN verifies_until < $1 THEN verifies_until ELSE $1 END WHERE retired_at IS NULL";
    execute(tx, sql, [time::millis(now).into()]).await
}

/// Retires those of these keys that exist.
pub(super) async fn retire(tx: &impl Reader, kids: &[String], now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET retired_at = $1 WHERE kid = $2 AND retired_at IS NULL";
    for kid in kids {
        execute(tx, sql, [time::millis(now).into(), kid.as_str().into()]).await?;
    }
    Ok(())
}

/// A key that verifies, and may sign.
pub struct StoredKey {
    /// The key's name in token headers.
    pub kid: String,
    /// The private half. Empty if it is stored elsewhere or deleted.
    pub private_key: Zeroizing<Vec<u8>>,
    /// Whether it is the newest current or future signing key.
    pub is_last: bool,
}

/// The keys that verify at `now`.
pub(super) async fn verifying(tx: &impl Reader, now: DateTime<Utc>) -> Result<Vec<StoredKey>, Error> {
    let sql = "SELECT kid, private_key, \
               CAST(CASE WHEN signs_from IS NOT NULL AND verifies_until IS NULL THEN 1 ELSE 0 END AS bigint) AS is_last \
               FROM signing_keys WHERE retired_at IS NULL AND (verifies_until IS NULL OR verifies_until > $1)";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [time::millis(now).into()])).await?;
    let key = |row: &QueryResult| {
        Ok(StoredKey {
            kid: row.try_get("", "kid")?,
            private_key: Zeroizing::new(row.try_get("", "private_key")?),
            is_last: row.try_get::<i64>("", "is_last")? > 0,
        })
    };
    rows.iter().map(key).collect()
}

/// Sets the private half of a key.
pub(super) async fn set_private(tx: &impl Reader, kid: &str, private: Vec<u8>) -> Result<(), Error> {
    let sql = "UPDATE signing_keys SET private_key = $1 WHERE kid = $2";
    execute(tx, sql, [private.into(), kid.into()]).await
}

async fn execute(tx: &impl Reader, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Result<(), Error> {
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}
