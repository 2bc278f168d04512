//! Accounts that are to be deleted: until when each may come back, and whose time has come. What else goes with an account
//! is known to whoever deletes it.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LockBehavior, LockType},
};

use crate::{Error, Tx, entity::account, time};
use fieldguard_domain::{id::UserId, overview::DatabaseKind, user::User};

/// Schedules the deletion of the account for the time given, or takes it back. An account whose deletion is scheduled keeps
/// its time. Answers the account as it is now, or nothing where there is none.
///
/// # Errors
///
/// Where the database fails.
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

/// Some accounts whose time has come at `now`, at most `limit`, which no other transaction changes until the transaction ends. Those
/// that another transaction holds are left out: it may be restoring them, or deleting them.
///
/// # Errors
///
/// Where the database fails.
pub async fn due_for_deletion(tx: &Tx, now: DateTime<Utc>, limit: u64) -> Result<Vec<User>, Error> {
    let mut due = account::Entity::find()
        .filter(account::Column::DeletionDueAt.is_not_null())
        .filter(account::Column::DeletionDueAt.lte(time::millis(now)))
        .order_by_asc(account::Column::DeletionDueAt)
        .limit(limit);
    // On SQLite the transaction itself keeps others from writing.
    if tx.kind() == DatabaseKind::Postgres {
        due = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    }
    Ok(due.all(tx.connection()).await?.into_iter().map(User::from).collect())
}
