//! Networks from which users signed in before. They are stored in plain text, like those of sessions: an IPv4 address
//! can be guessed from its hash in seconds.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Cause, Error, Reader, Tx, time};
use crate::dialect::Dialect;
use fieldguard_domain::{id::UserId, network::Network};

/// How long a network is known after a sign-in.
const KNOWN_FOR: TimeDelta = TimeDelta::days(90);
/// Maximum number of networks of one user: home, work, a phone, travel. Each allows a hundred more guesses a day to
/// clients there.
const MAX_NETWORKS: u32 = 10;

#[derive(FromQueryResult)]
struct Existence {
    exist: bool,
}

/// Whether the user signed in from the network before. The query takes the same time for an unknown user.
///
/// # Errors
///
/// If the database fails.
pub async fn is_known(
    reader: &impl Reader,
    user: UserId,
    address: &Network,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM known_addresses WHERE account_id = $1 AND address = $2 AND last_at > $3) \
               AS exist";
    let values = [user.uuid().into(), address.to_string().into(), time::millis(now - KNOWN_FOR).into()];
    let answer = Existence::find_by_statement(reader.kind().statement(sql, values)).one(reader.connection()).await?;
    Ok(answer.ok_or_else(Cause::unreadable)?.exist)
}

/// Records a sign-in of the user from the network, and deletes the oldest networks over the limit.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn remember(tx: &Tx, user: UserId, address: &Network, now: DateTime<Utc>) -> Result<(), Error> {
    // Times of a clock that was ahead would displace all later ones.
    let sql = "UPDATE known_addresses SET last_at = $2 WHERE account_id = $1 AND last_at > $2";
    tx.connection().execute_raw(tx.kind().statement(sql, [user.uuid().into(), time::millis(now).into()])).await?;
    let sql = "INSERT INTO known_addresses (account_id, address, last_at) VALUES ($1, $2, $3) \
               ON CONFLICT (account_id, address) DO UPDATE SET last_at = excluded.last_at";
    let values = [user.uuid().into(), address.to_string().into(), time::millis(now).into()];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    let sql = format!(
        "DELETE FROM known_addresses WHERE account_id = $1 AND (last_at <= $2 OR address NOT IN \
         (SELECT address FROM known_addresses WHERE account_id = $1 ORDER BY last_at DESC, address LIMIT {MAX_NETWORKS}))"
    );
    let values = [user.uuid().into(), time::millis(now - KNOWN_FOR).into()];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}

/// All networks from which the user signed in.
///
/// # Errors
///
/// If the database fails.
pub async fn all(tx: &Tx, user: UserId) -> Result<Vec<String>, Error> {
    let sql = "SELECT address FROM known_addresses WHERE account_id = $1 ORDER BY address";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [user.uuid().into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "address")).collect::<Result<_, _>>()?)
}

/// Deletes and returns all networks from which the user signed in.
///
/// # Errors
///
/// If the database fails.
pub async fn forget(tx: &Tx, user: UserId) -> Result<Vec<String>, Error> {
    let sql = "DELETE FROM known_addresses WHERE account_id = $1 RETURNING address";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [user.uuid().into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "address")).collect::<Result<_, _>>()?)
}
