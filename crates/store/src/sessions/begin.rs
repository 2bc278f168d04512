//! Creates sessions, and limits their number per user.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use crate::dialect::Dialect;
use crate::{
    Error, Tx,
    entity::{hidden::HiddenBytes, session},
    time,
};
use fieldguard_domain::{
    id::{SessionId, UserId},
    session::Session,
};

/// How long expired and revoked sessions are kept, so that their refresh tokens are still recognized.
const KEPT_FOR: TimeDelta = TimeDelta::days(30);

/// Adds a session with the SHA-256 of its first refresh token. It expires at `idle_expires_at` unless it is used.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn insert(
    tx: &Tx,
    session: &Session,
    refresh_hash: &[u8; 32],
    idle_expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    let row = session::ActiveModel {
        id: Set(session.id.uuid()),
        account_id: Set(session.user.uuid()),
        created_at: Set(time::millis(session.created_at)),
        authenticated_at: Set(time::millis(session.authenticated_at)),
        last_used_at: Set(time::millis(session.last_used_at)),
        idle_expires_at: Set(time::millis(idle_expires_at)),
        expires_at: Set(time::millis(session.expires_at)),
        ended_at: Set(None),
        refresh_hash: Set(HiddenBytes(refresh_hash.to_vec())),
        generation: Set(0),
        rotations: Set("[]".to_owned()),
        newest_used: Set(false),
        ip_address: Set(session.ip_address.clone()),
        user_agent: Set(session.user_agent.clone()),
        methods: Set(session.methods.to_stored()),
    };
    session::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Revokes the oldest active sessions of the user until `limit` are left, and deletes those that ended long ago. The
/// session `new` stays, even if others have times in the future, because their server's clock was ahead. Returns the
/// number of revoked sessions.
///
/// # Errors
///
/// If the database fails.
pub async fn revoke_surplus(
    tx: &Tx,
    user: UserId,
    new: SessionId,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    let live = "account_id = $2 AND id <> $4 AND ended_at IS NULL AND idle_expires_at > $1 AND expires_at > $1";
    let sql = format!(
        "UPDATE sessions SET ended_at = $1 WHERE {live} \
         AND id NOT IN (SELECT id FROM sessions WHERE {live} ORDER BY id DESC LIMIT $3)"
    );
    let others = i64::from(limit.saturating_sub(1));
    let values = [time::millis(now).into(), user.uuid().into(), others.into(), new.uuid().into()];
    let ended = tx.connection().execute_raw(tx.kind().statement(sql, values)).await?.rows_affected();
    let long_ago = time::millis(now - KEPT_FOR);
    session::Entity::delete_many()
        .filter(session::Column::AccountId.eq(user.uuid()))
        .filter(
            Condition::any().add(session::Column::EndedAt.lt(long_ago)).add(session::Column::ExpiresAt.lt(long_ago)),
        )
        .exec(tx.connection())
        .await?;
    Ok(ended)
}
