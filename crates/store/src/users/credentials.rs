//! Access to password hashes, which no other module reads.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};

use crate::dialect::Dialect;
use crate::{
    Cause, Error, Reader, Store, Tx,
    entity::{account, hidden::HiddenText},
    time,
};
use fieldguard_domain::{id::UserId, overview::DatabaseType, password::PasswordHash, user::User};

/// A user with their password hash.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user.
    pub user: User,
    /// The hash of the user's password.
    pub hash: PasswordHash,
}

impl From<account::Model> for Credentials {
    fn from(row: account::Model) -> Self {
        let hash = PasswordHash::from_phc(row.password_hash.0.clone());
        Self { user: row.into(), hash }
    }
}

/// The identification of a user at sign-in. Both forms are unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginName {
    /// The canonical form of the username.
    Username(String),
    /// The key of the email address.
    Email(String),
}

impl LoginName {
    /// The canonical form, or the key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Username(key) | Self::Email(key) => key,
        }
    }
}

/// The credentials of the user with this name.
///
/// # Errors
///
/// If the database fails.
pub async fn credentials(store: &Store, name: &LoginName) -> Result<Option<Credentials>, Error> {
    let is_named = match name {
        LoginName::Username(key) => account::Column::UsernameKey.eq(key),
        LoginName::Email(key) => account::Column::EmailKey.eq(key),
    };
    Ok(account::Entity::find().filter(is_named).one(&store.reader).await?.map(Credentials::from))
}

/// The user whose username has the canonical form `username_key`.
///
/// # Errors
///
/// If the database fails.
pub async fn named(store: &Store, username_key: &str) -> Result<Option<User>, Error> {
    let name = LoginName::Username(username_key.to_owned());
    Ok(credentials(store, &name).await?.map(|credentials| credentials.user))
}

/// The user with this email address.
///
/// # Errors
///
/// If the database fails.
pub async fn with_email(reader: &impl Reader, email_key: &str) -> Result<Option<User>, Error> {
    let found = account::Entity::find().filter(account::Column::EmailKey.eq(email_key)).one(reader.connection());
    Ok(found.await?.map(User::from))
}

/// The credentials of the user.
///
/// # Errors
///
/// If the database fails.
pub async fn credentials_of(store: &Store, user: UserId) -> Result<Option<Credentials>, Error> {
    Ok(account::Entity::find_by_id(user.uuid()).one(&store.reader).await?.map(Credentials::from))
}

/// Locks the user until the transaction ends, and returns their credentials.
///
/// # Errors
///
/// If the database fails.
pub async fn hold(tx: &Tx, user: UserId) -> Result<Option<Credentials>, Error> {
    let mut account = account::Entity::find_by_id(user.uuid());
    // On SQLite the transaction itself is the lock.
    if tx.kind() == DatabaseType::Postgres {
        account = account.lock(LockType::NoKeyUpdate);
    }
    Ok(account.one(tx.connection()).await?.map(Credentials::from))
}

/// Whether any user still has a password hash that another system made.
///
/// # Errors
///
/// If the database fails.
pub async fn any_imported_hash(store: &Store) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM accounts WHERE hash_imported_at IS NOT NULL) AS exist";
    let row = store.reader.query_one_raw(store.kind.statement(sql, [])).await?.ok_or_else(Cause::unreadable)?;
    Ok(row.try_get("", "exist")?)
}

/// Sets the password hash of the user. Returns whether the user exists.
///
/// # Errors
///
/// If the database fails.
pub async fn set_hash(tx: &Tx, user: UserId, hash: &PasswordHash, now: DateTime<Utc>) -> Result<bool, Error> {
    let update = account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, hidden(hash))
        .col_expr(account::Column::HashImportedAt, Expr::value(None::<i64>))
        .col_expr(account::Column::UpdatedAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()));
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

/// Replaces the hash `old`. Returns `false` if the password was changed in the meantime, and keeps that one.
///
/// # Errors
///
/// If the database fails.
pub async fn replace_hash(
    tx: &Tx,
    user: UserId,
    old: &PasswordHash,
    new: &PasswordHash,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let update = account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, hidden(new))
        .col_expr(account::Column::HashImportedAt, Expr::value(None::<i64>))
        .col_expr(account::Column::UpdatedAt, Expr::value(time::millis(now)))
        .filter(account::Column::Id.eq(user.uuid()))
        .filter(account::Column::PasswordHash.eq(HiddenText(old.as_phc().to_owned())));
    Ok(update.exec(tx.connection()).await?.rows_affected == 1)
}

fn hidden(hash: &PasswordHash) -> Expr {
    Expr::value(HiddenText(hash.as_phc().to_owned()))
}
