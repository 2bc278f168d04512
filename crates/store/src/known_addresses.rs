//! Addresses from which an account signed in before. They are kept in the clear, as those of sessions are: an address of
//! IPv4 is guessed from its hash in seconds.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Cause, Error, Reader, Tx, time};
use crate::dialect::Dialect;
use fieldguard_domain::{id::UserId, network::Network};

/// How long an address is known for after a sign-in.
const KNOWN_FOR: TimeDelta = TimeDelta::days(90);
/// How many addresses an account may have at once: home, work, a phone, travels. Each one is another hundred guesses a day
/// for whoever sits there.
const AT_MOST: u32 = 10;

#[derive(FromQueryResult)]
struct Existence {
    exist: bool,
}

/// Did the account sign in from there before? Nobody's identifier takes as long as somebody's.
///
/// # Errors
///
/// Where the database fails.
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

/// Remembers that the account signed in from there, and forgets the addresses it did so from the longest ago.
///
/// # Errors
///
/// Where the account is gone, or the database fails.
pub async fn remember(tx: &Tx, user: UserId, address: &Network, now: DateTime<Utc>) -> Result<(), Error> {
    // Those of a clock that was ahead would push every later one out.
    let sql = "UPDATE known_addresses SET last_at = $2 WHERE account_id = $1 AND last_at > $2";
    tx.connection().execute_raw(tx.kind().statement(sql, [user.uuid().into(), time::millis(now).into()])).await?;
    let sql = "INSERT INTO known_addresses (account_id, address, last_at) VALUES ($1, $2, $3) \
               ON CONFLICT (account_id, address) DO UPDATE SET last_at = excluded.last_at";
    let values = [user.uuid().into(), address.to_string().into(), time::millis(now).into()];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    let sql = format!(
        "DELETE FROM known_addresses WHERE account_id = $1 AND (last_at <= $2 OR address NOT IN \
         (SELECT address FROM known_addresses WHERE account_id = $1 ORDER BY last_at DESC, address LIMIT {AT_MOST}))"
    );
    let values = [user.uuid().into(), time::millis(now - KNOWN_FOR).into()];
    tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    Ok(())
}

/// Every address from which the account signed in.
///
/// # Errors
///
/// Where the database fails.
pub async fn all(tx: &Tx, user: UserId) -> Result<Vec<String>, Error> {
    let sql = "SELECT address FROM known_addresses WHERE account_id = $1 ORDER BY address";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [user.uuid().into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "address")).collect::<Result<_, _>>()?)
}

/// Forgets every address from which the account signed in, and answers them.
///
/// # Errors
///
/// Where the database fails.
pub async fn forget(tx: &Tx, user: UserId) -> Result<Vec<String>, Error> {
    let sql = "DELETE FROM known_addresses WHERE account_id = $1 RETURNING address";
    let rows = tx.connection().query_all_raw(tx.kind().statement(sql, [user.uuid().into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "address")).collect::<Result<_, _>>()?)
}
