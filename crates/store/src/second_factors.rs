//! The secrets of authenticator apps, encrypted, and the hashes of recovery codes. Callers that write here must lock
//! the user first ([`super::users::hold`]).

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use uuid::Uuid;

use super::{
    Error, Reader, Store, Tx,
    entity::{account, hidden::HiddenBytes, recovery_code, totp_secret},
    time,
};
use crate::dialect::Dialect;
use fieldguard_domain::{id::UserId, user::User};

/// The time step before every code.
const NO_STEP: i64 = -1;

/// The stored secret of an authenticator app.
#[derive(Clone)]
pub struct TotpSecret {
    /// The secret, encrypted.
    pub sealed: Vec<u8>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Stores a secret that is not confirmed, in place of an earlier one.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn put_secret(tx: &Tx, user: UserId, sealed: Vec<u8>, now: DateTime<Utc>) -> Result<(), Error> {
    let row = totp_secret::ActiveModel {
        account_id: Set(user.uuid()),
        secret: Set(HiddenBytes(sealed)),
        created_at: Set(time::millis(now)),
        last_step: Set(NO_STEP),
    };
    let columns = [totp_secret::Column::Secret, totp_secret::Column::CreatedAt, totp_secret::Column::LastStep];
    let replace = OnConflict::column(totp_secret::Column::AccountId).update_columns(columns).to_owned();
    totp_secret::Entity::insert(row).on_conflict(replace).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The secret of the user, confirmed or not.
///
/// # Errors
///
/// If the database fails.
pub async fn secret(reader: &impl Reader, user: UserId) -> Result<Option<TotpSecret>, Error> {
    let row = totp_secret::Entity::find_by_id(user.uuid()).one(reader.connection()).await?;
    Ok(row.map(|row| TotpSecret { sealed: row.secret.0, created_at: time::from_millis(row.created_at) }))
}

#[derive(FromQueryResult)]
struct Sealed {
    account_id: Uuid,
    secret: Vec<u8>,
}

/// Any confirmed secret with its user, to check the key. `None` if there is none.
///
/// # Errors
///
/// If the database fails.
pub async fn any_secret(store: &Store) -> Result<Option<(UserId, Vec<u8>)>, Error> {
    let sql = "SELECT t.account_id, t.secret FROM totp_secrets t JOIN accounts a ON a.id = t.account_id \
               WHERE a.totp_since IS NOT NULL LIMIT 1";
    let row = Sealed::find_by_statement(store.kind.statement(sql, [])).one(&store.reader).await?;
    Ok(row.map(|row| (row.account_id.into(), row.secret)))
}

/// Consumes the code of the time step `step`. Returns `false` if that code or a later one was used before.
///
/// # Errors
///
/// If the database fails.
pub async fn use_step(tx: &Tx, user: UserId, step: i64) -> Result<bool, Error> {
    let update = totp_secret::Entity::update_many()
        .col_expr(totp_secret::Column::LastStep, Expr::value(step))
        .filter(totp_secret::Column::AccountId.eq(user.uuid()))
        .filter(totp_secret::Column::LastStep.lt(step));
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

/// Makes every sign-in of the user require a code from now on. Returns the updated user.
///
/// # Errors
///
/// If the database fails.
pub async fn confirm(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<Option<User>, Error> {
    set_since(tx, user, Some(now), now).await
}

/// Removes the secret and the recovery codes of the user. Returns the updated user.
///
/// # Errors
///
/// If the database fails.
pub async fn remove(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<Option<User>, Error> {
    totp_secret::Entity::delete_by_id(user.uuid()).exec(tx.connection()).await?;
    replace_recovery_codes(tx, user, []).await?;
    set_since(tx, user, None, now).await
}

async fn set_since(
    tx: &Tx,
    user: UserId,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<User>, Error> {
    let update = account::Entity::update_many()
        .col_expr(account::Column::TotpSince, Expr::value(since.map(time::millis)))
        .col_expr(account::Column::UpdatedAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()));
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(User::from))
}

/// Replaces the recovery codes of the user by those with these hashes.
///
/// # Errors
///
/// If the database fails.
pub async fn replace_recovery_codes(
    tx: &Tx,
    user: UserId,
    hashes: impl IntoIterator<Item = [u8; 32]>,
) -> Result<(), Error> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::AccountId.eq(user.uuid()))
        .exec(tx.connection())
        .await?;
    let rows: Vec<_> = (0..)
        .zip(hashes)
        .map(|(number, hash)| recovery_code::ActiveModel {
            account_id: Set(user.uuid()),
            number: Set(number),
            code_hash: Set(HiddenBytes(hash.to_vec())),
        })
        .collect();
    if !rows.is_empty() {
        recovery_code::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    }
    Ok(())
}

/// Consumes the recovery code with this hash. Returns whether it existed.
///
/// # Errors
///
/// If the database fails.
pub async fn use_recovery_code(tx: &Tx, user: UserId, hash: &[u8; 32]) -> Result<bool, Error> {
    let consumed = recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::AccountId.eq(user.uuid()))
        .filter(recovery_code::Column::CodeHash.eq(HiddenBytes(hash.to_vec())));
    Ok(consumed.exec(tx.connection()).await?.rows_affected == 1)
}
