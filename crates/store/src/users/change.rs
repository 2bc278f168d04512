//! Creates, updates and deletes users. The database enforces unique usernames and email addresses.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, Func},
};

use crate::{
    Error, Tx,
    entity::{account, hidden::HiddenText},
    time,
};
use fieldguard_domain::{email::EmailAddress, id::UserId, password::PasswordHash, user::User, username::Username};

/// Adds a user.
///
/// # Errors
///
/// [`Error::Taken`] if another user has the username or email address in any spelling. The transaction cannot be used
/// any more.
pub async fn insert(tx: &Tx, user: &User, hash: &PasswordHash) -> Result<(), Error> {
    insert_imported(tx, user, hash, None).await
}

/// Adds a user whose password hash another system made, imported at the given time. Until the hash is replaced,
/// [`any_imported_hash`](super::any_imported_hash) is true.
///
/// # Errors
///
/// As [`insert`].
pub async fn insert_imported(
    tx: &Tx,
    user: &User,
    hash: &PasswordHash,
    imported_at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let row = account::ActiveModel {
        id: Set(user.id.uuid()),
        username: Set(user.username.as_str().to_owned()),
        username_key: Set(user.username.key().to_owned()),
        email: Set(user.email.as_ref().map(|email| email.as_str().to_owned())),
        email_key: Set(user.email.as_ref().map(|email| email.key().to_owned())),
        password_hash: Set(HiddenText(hash.as_phc().to_owned())),
        disabled_at: Set(user.disabled_at.map(time::millis)),
        created_at: Set(time::millis(user.created_at)),
        updated_at: Set(time::millis(user.created_at)),
        last_sign_in_at: Set(user.last_sign_in_at.map(time::millis)),
        deletion_due_at: Set(user.deletion_due_at.map(time::millis)),
        hash_imported_at: Set(imported_at.map(time::millis)),
        email_verified_at: Set(user.email_verified_at.map(time::millis)),
        totp_since: Set(user.totp_since.map(time::millis)),
    };
    account::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Updates the username and email address that are given (`Some(None)` removes the address). Another address is not
/// verified. Returns the updated user, or `None` if the user does not exist.
///
/// # Errors
///
/// [`Error::Taken`] as in [`insert`].
pub async fn set_profile(
    tx: &Tx,
    user: UserId,
    username: Option<&Username>,
    email: Option<Option<&EmailAddress>>,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let row = account::ActiveModel {
        username: username.map_or(NotSet, |username| Set(username.as_str().to_owned())),
        username_key: username.map_or(NotSet, |username| Set(username.key().to_owned())),
        email: email.map_or(NotSet, |email| Set(email.map(|email| email.as_str().to_owned()))),
        email_key: email.map_or(NotSet, |email| Set(email.map(|email| email.key().to_owned()))),
        updated_at: Set(time::millis(now)),
        ..Default::default()
    };
    let mut update = account::Entity::update_many().set(row).filter(account::Column::Id.eq(user.uuid()));
    if let Some(email) = email {
        let key = email.map(|email| email.key().to_owned());
        let is_same = account::Column::EmailKey.eq(key.unwrap_or_default());
        let kept = Expr::case(is_same, Expr::col(account::Column::EmailVerifiedAt)).finally(Expr::value(None::<i64>));
        update = update.col_expr(account::Column::EmailVerifiedAt, kept.into());
    }
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(User::from))
}

/// Stores since when the email address of the user is verified, or that it is not. Returns the updated user, or `None`
/// if the user does not exist.
///
/// # Errors
///
/// If the database fails.
pub async fn set_email_verified(
    tx: &Tx,
    user: UserId,
    verified_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let update = account::Entity::update_many()
        .col_expr(account::Column::EmailVerifiedAt, Expr::value(verified_at.map(time::millis)))
        .col_expr(account::Column::UpdatedAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()));
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(User::from))
}

/// Disables the account as of the given time, or enables it. An account that is already disabled keeps its time.
/// Returns the updated user, or `None` if the user does not exist.
///
/// # Errors
///
/// If the database fails.
pub async fn set_disabled(
    tx: &Tx,
    user: UserId,
    disabled_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let since = match disabled_at {
        Some(time) => Func::coalesce([Expr::col(account::Column::DisabledAt), Expr::value(time::millis(time))]).into(),
        None => Expr::value(None::<i64>),
    };
    let update = account::Entity::update_many()
        .col_expr(account::Column::DisabledAt, since)
        .col_expr(account::Column::UpdatedAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()));
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(User::from))
}

/// Records a sign-in of the user.
///
/// # Errors
///
/// If the database fails.
pub async fn signed_in(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    account::Entity::update_many()
        .col_expr(account::Column::LastSignInAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Deletes the user with their roles, sessions, events, addresses and codes. Returns whether the user existed.
///
/// # Errors
///
/// If the database fails.
pub async fn delete(tx: &Tx, user: UserId) -> Result<bool, Error> {
    Ok(account::Entity::delete_by_id(user.uuid()).exec(tx.connection()).await?.rows_affected == 1)
}
