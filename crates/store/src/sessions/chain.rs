//! The stored chain of refresh tokens of a session.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};

use crate::{
    Cause, Error, Store, Tx,
    entity::{hidden::HiddenBytes, session},
    time,
};
use fieldguard_domain::{id::SessionId, overview::DatabaseType, refresh_chain::RefreshChain, session::Session};

/// A locked session with its refresh chain.
#[derive(Clone)]
pub struct Held {
    /// The session.
    pub session: Session,
    /// The state of its refresh tokens.
    pub chain: RefreshChain,
    /// The SHA-256 of its newest refresh token.
    pub refresh_hash: [u8; 32],
    /// The time of expiry unless it is used.
    pub idle_expires_at: DateTime<Utc>,
    /// Whether it was revoked.
    pub is_ended: bool,
}

impl Held {
    /// Whether it can be continued at `now`.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        !self.is_ended && now < self.idle_expires_at && now < self.session.expires_at
    }
}

/// Locks the session until the transaction ends, and returns it.
///
/// # Errors
///
/// If the database fails.
pub async fn hold(tx: &Tx, id: SessionId) -> Result<Option<Held>, Error> {
    let mut session = session::Entity::find_by_id(id.uuid());
    // On SQLite the transaction itself is the lock.
    if tx.kind() == DatabaseType::Postgres {
        session = session.lock(LockType::NoKeyUpdate);
    }
    session.one(tx.connection()).await?.map(held).transpose()
}

fn held(row: session::Model) -> Result<Held, Error> {
    let refresh_hash = row.refresh_hash.0.as_slice().try_into().map_err(|_| Cause::unreadable())?;
    let rotations: Vec<i64> = serde_json::from_str(&row.rotations).map_err(|_| Cause::unreadable())?;
    let chain = RefreshChain {
        generation: u32::try_from(row.generation).map_err(|_| Cause::unreadable())?,
        rotations: rotations.into_iter().map(time::from_millis).collect(),
        newest_used: row.newest_used,
    };
    let idle_expires_at = time::from_millis(row.idle_expires_at);
    let is_ended = row.ended_at.is_some();
    Ok(Held { session: row.into(), chain, refresh_hash, idle_expires_at, is_ended })
}

/// Records that the newest token was exchanged for the one with this hash.
///
/// # Errors
///
/// If the database fails.
pub async fn rotate(
    tx: &Tx,
    id: SessionId,
    chain: &RefreshChain,
    refresh_hash: &[u8; 32],
    idle_expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    session::Entity::update_many()
        .col_expr(session::Column::Generation, Expr::value(i64::from(chain.generation)))
        .col_expr(session::Column::Rotations, Expr::value(rotations(chain)))
        .col_expr(session::Column::NewestUsed, Expr::value(chain.newest_used))
        .col_expr(session::Column::RefreshHash, Expr::value(HiddenBytes(refresh_hash.to_vec())))
        .col_expr(session::Column::LastUsedAt, Expr::value(time::millis(now)))
        .col_expr(session::Column::IdleExpiresAt, Expr::value(time::millis(idle_expires_at)))
        .filter(session::Column::Id.eq(id.uuid()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Records the time when the newest token was returned again.
///
/// # Errors
///
/// If the database fails.
pub async fn note_repeat(tx: &Tx, id: SessionId, chain: &RefreshChain) -> Result<(), Error> {
    session::Entity::update_many()
        .col_expr(session::Column::Rotations, Expr::value(rotations(chain)))
        .filter(session::Column::Id.eq(id.uuid()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The stored exchange times: a JSON array of milliseconds.
fn rotations(chain: &RefreshChain) -> String {
    chain.rotations.iter().copied().map(time::millis).collect::<serde_json::Value>().to_string()
}

/// Records the use of an access token that was issued with the refresh token `generation`, if that is the newest.
///
/// # Errors
///
/// If the database fails.
pub async fn mark_used(store: &Store, id: SessionId, generation: u32, now: DateTime<Utc>) -> Result<(), Error> {
    session::Entity::update_many()
        .col_expr(session::Column::NewestUsed, Expr::value(true))
        .col_expr(session::Column::LastUsedAt, Expr::value(time::millis(now)))
        .filter(session::Column::Id.eq(id.uuid()))
        .filter(session::Column::Generation.eq(i64::from(generation)))
        .exec(&store.writer)
        .await?;
    Ok(())
}
