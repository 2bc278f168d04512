//! Codes that reset a password. A user has at most one. One conditional statement consumes it, so that only one of two
//! concurrent requests succeeds. Callers that write here must lock the user first ([`super::users::hold`]).

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::{
    Error, Store, Tx,
    entity::{account, hidden::HiddenBytes, password_reset},
    time,
};
use fieldguard_domain::{id::UserId, user::User};

/// Stores the SHA-256 of a code for the user and replaces an older one.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn put(tx: &Tx, user: UserId, code_hash: &[u8; 32], expires_at: DateTime<Utc>) -> Result<(), Error> {
    let row = password_reset::ActiveModel {
        account_id: Set(user.uuid()),
        code_hash: Set(HiddenBytes(code_hash.to_vec())),
        expires_at: Set(time::millis(expires_at)),
    };
    let replace = OnConflict::column(password_reset::Column::AccountId)
        .update_columns([password_reset::Column::CodeHash, password_reset::Column::ExpiresAt])
        .to_owned();
    password_reset::Entity::insert(row).on_conflict(replace).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The user whose password the code resets, unless the code has expired.
///
/// # Errors
///
/// If the database fails.
pub async fn find(store: &Store, code_hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<User>, Error> {
    let good = password_reset::Entity::find()
        .filter(password_reset::Column::CodeHash.eq(HiddenBytes(code_hash.to_vec())))
        .filter(password_reset::Column::ExpiresAt.gt(time::millis(now)));
    let found = good.find_also_related(account::Entity).one(&store.reader).await?;
    Ok(found.and_then(|(_, account)| account).map(User::from))
}

/// Consumes the code. Returns whether it was valid.
///
/// # Errors
///
/// If the database fails.
pub async fn consume(tx: &Tx, user: UserId, code_hash: &[u8; 32], now: DateTime<Utc>) -> Result<bool, Error> {
    let good = password_reset::Entity::delete_many()
        .filter(password_reset::Column::AccountId.eq(user.uuid()))
        .filter(password_reset::Column::CodeHash.eq(HiddenBytes(code_hash.to_vec())))
        .filter(password_reset::Column::ExpiresAt.gt(time::millis(now)));
    Ok(good.exec(tx.connection()).await?.rows_affected == 1)
}

/// Deletes the user's code, if there is one.
///
/// # Errors
///
/// If the database fails.
pub async fn void(tx: &Tx, user: UserId) -> Result<(), Error> {
    password_reset::Entity::delete_by_id(user.uuid()).exec(tx.connection()).await?;
    Ok(())
}
