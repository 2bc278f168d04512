//! How sessions end before their time.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Error, Tx, entity::session, time};
use fieldguard_domain::id::{SessionId, UserId};

/// Ends the session, and tells whether it had not ended before.
///
/// # Errors
///
/// Where the database fails.
pub async fn end(tx: &Tx, id: SessionId, now: DateTime<Utc>) -> Result<bool, Error> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(time::millis(now)))
        .filter(session::Column::Id.eq(id.uuid()))
        .filter(session::Column::EndedAt.is_null());
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

/// Ends the live sessions of the account, all `except` one. Answers how many it ended.
///
/// # Errors
///
/// Where the database fails.
pub async fn end_all(tx: &Tx, user: UserId, except: Option<SessionId>, now: DateTime<Utc>) -> Result<u64, Error> {
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(time::millis(now)))
        .filter(session::Column::AccountId.eq(user.uuid()))
        .filter(super::list::is_live(now));
    if let Some(session) = except {
        update = update.filter(session::Column::Id.ne(session.uuid()));
    }
    Ok(update.exec(tx.connection()).await?.rows_affected)
}
