//! Revokes sessions.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Error, Tx, entity::session, sign_in_challenges, time};
use fieldguard_domain::id::{SessionId, UserId};

/// Revokes the session. Returns whether it was not revoked before.
///
/// # Errors
///
/// If the database fails.
pub async fn revoke(tx: &Tx, id: SessionId, now: DateTime<Utc>) -> Result<bool, Error> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(time::millis(now)))
        .filter(session::Column::Id.eq(id.uuid()))
        .filter(session::Column::EndedAt.is_null());
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

/// Revokes the active sessions of the user, except `except`, and the sign-ins that wait for their next step. Returns
/// the number of sessions.
///
/// # Errors
///
/// If the database fails.
pub async fn revoke_all(tx: &Tx, user: UserId, except: Option<SessionId>, now: DateTime<Utc>) -> Result<u64, Error> {
    sign_in_challenges::void(tx, user).await?;
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(time::millis(now)))
        .filter(session::Column::AccountId.eq(user.uuid()))
        .filter(super::list::is_live(now));
    if let Some(session) = except {
        update = update.filter(session::Column::Id.ne(session.uuid()));
    }
    Ok(update.exec(tx.connection()).await?.rows_affected)
}
