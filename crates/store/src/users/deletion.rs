//! Scheduled deletions of users: until when each can be restored, and which are due. Callers delete other data of the
//! user.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LockBehavior, LockType},
};

use crate::{Error, Tx, entity::account, time};
use fieldguard_domain::{id::UserId, overview::DatabaseType, user::User};

/// Schedules the deletion of the user for the given time, or cancels it. A user whose deletion is already scheduled
/// keeps that time. Returns the updated user, or `None` if the user does not exist.
///
/// # Errors
///
/// If the database fails.
pub async fn set_deletion_due(
    tx: &Tx,
    user: UserId,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let due = match due_at {
        Some(at) => Func::coalesce([Expr::col(account::Column::DeletionDueAt), Expr::value(time::millis(at))]).into(),
        None => Expr::value(None::<i64>),
    };
    let update = account::Entity::update_many()
        .col_expr(account::Column::DeletionDueAt, due)
        .col_expr(account::Column::UpdatedAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()));
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(User::from))
}

/// Locks at most `limit` users whose deletion is due at `now` until the transaction ends, and returns them. Skips users
/// that another transaction has locked, because it may be restoring or deleting them.
///
/// # Errors
///
/// If the database fails.
pub async fn due_for_deletion(tx: &Tx, now: DateTime<Utc>, limit: u64) -> Result<Vec<User>, Error> {
    let mut due = account::Entity::find()
        .filter(account::Column::DeletionDueAt.is_not_null())
        .filter(account::Column::DeletionDueAt.lte(time::millis(now)))
        .order_by_asc(account::Column::DeletionDueAt)
        .limit(limit);
    // On SQLite the transaction itself is the lock.
    if tx.kind() == DatabaseType::Postgres {
        due = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    }
    Ok(due.all(tx.connection()).await?.into_iter().map(User::from).collect())
}
