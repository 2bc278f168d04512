//! Sessions. Whether one is live for a request is asked through [`super::principals`], in one question with the rest.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};

use super::{
    Error, Store, Tx,
    entity::{hidden::HiddenBytes, session},
    time,
};
use crate::domain::{
    id::{SessionId, UserId},
    session::Session,
};

/// Adds a session with the SHA-256 of its refresh token, which ends at `idle_expires_at` unless it is used.
///
/// # Errors
///
/// Where the account is gone, or the database fails.
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
        last_used_at: Set(time::millis(session.last_used_at)),
        idle_expires_at: Set(time::millis(idle_expires_at)),
        expires_at: Set(time::millis(session.expires_at)),
        ended_at: Set(None),
        refresh_hash: Set(HiddenBytes(refresh_hash.to_vec())),
        ip_address: Set(session.ip_address.clone()),
        user_agent: Set(session.user_agent.clone()),
    };
    session::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Ends the sessions of the account that have not ended, all `except` one. Answers how many it ended.
///
/// # Errors
///
/// Where the database fails.
pub async fn end_all(tx: &Tx, user: UserId, except: Option<SessionId>, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(time::millis(now)))
        .filter(session::Column::AccountId.eq(user.uuid()))
        .filter(session::Column::EndedAt.is_null());
    if let Some(session) = except {
        update = update.filter(session::Column::Id.ne(session.uuid()));
    }
    Ok(update.exec(tx.connection()).await?.rows_affected)
}

/// How many sessions have neither ended nor expired.
///
/// # Errors
///
/// Where the database fails.
pub async fn live(store: &Store, now: DateTime<Utc>) -> Result<u64, Error> {
    let now = time::millis(now);
    let live = session::Entity::find()
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::IdleExpiresAt.gt(now))
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(live.count(&store.reader).await?)
}
