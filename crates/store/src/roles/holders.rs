//! The users who hold a role, directly or through a role that includes it.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::closure;
use crate::dialect::Dialect;
use crate::{Cause, Error, Reader, Tx, time};
use fieldguard_domain::id::RoleId;

const HOLDERS: &str = "SELECT account_id FROM account_roles WHERE role_id IN (SELECT id FROM reached)";

#[derive(FromQueryResult)]
struct Count {
    live: i64,
}

/// The number of active sessions of the role's holders.
///
/// # Errors
///
/// If the database fails.
pub async fn live_sessions(reader: &impl Reader, role: RoleId, now: DateTime<Utc>) -> Result<u64, Error> {
    let sql = format!(
        "WITH RECURSIVE {} SELECT count(*) AS live FROM sessions WHERE account_id IN ({HOLDERS}) \
         AND ended_at IS NULL AND idle_expires_at > $2 AND expires_at > $2",
        closure::including("SELECT id FROM roles WHERE id = $1"),
    );
    let statement = reader.kind().statement(sql, [role.uuid().into(), time::millis(now).into()]);
    let count = Count::find_by_statement(statement).one(reader.connection()).await?.ok_or_else(Cause::unreadable)?;
    Ok(count.live.cast_unsigned())
}

/// Deletes the reset codes of the role's holders.
///
/// # Errors
///
/// If the database fails.
pub async fn void_resets(tx: &Tx, role: RoleId) -> Result<(), Error> {
    let sql = format!(
        "WITH RECURSIVE {} DELETE FROM password_resets WHERE account_id IN ({HOLDERS})",
        closure::including("SELECT id FROM roles WHERE id = $1"),
    );
    tx.connection().execute_raw(tx.kind().statement(sql, [role.uuid().into()])).await?;
    Ok(())
}
