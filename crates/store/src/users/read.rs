//! Reads single users, and counts them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::dialect::Dialect;
use crate::{Cause, Error, Reader, Store, entity::account, time};
use fieldguard_domain::{
    email::EmailAddress,
    id::UserId,
    user::{User, UserCounts},
    username::Username,
};

/// The number of users in one statement: both databases limit the values of a statement.
const NAMED_AT_ONCE: usize = 500;

/// The user, if they exist.
///
/// # Errors
///
/// If the database fails.
pub async fn find(reader: &impl Reader, user: UserId) -> Result<Option<User>, Error> {
    Ok(account::Entity::find_by_id(user.uuid()).one(reader.connection()).await?.map(User::from))
}

/// The usernames of these users, without those that do not exist.
///
/// # Errors
///
/// If the database fails.
pub async fn names(store: &Store, users: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, String>, Error> {
    let mut names = BTreeMap::new();
    for part in Vec::from_iter(users).chunks(NAMED_AT_ONCE) {
        let ids = part.iter().map(|user| user.uuid());
        let found = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(&store.reader).await?;
        names.extend(found.into_iter().map(User::from).map(|user| (user.id, user.username.as_str().to_owned())));
    }
    Ok(names)
}

/// The keys of those usernames that are taken, in any spelling.
///
/// # Errors
///
/// If the database fails.
pub async fn taken(reader: &impl Reader, names: &[&Username]) -> Result<BTreeSet<String>, Error> {
    let keys = names.iter().map(|name| name.key());
    let found = account::Entity::find().select_only().column(account::Column::UsernameKey);
    let found = found.filter(account::Column::UsernameKey.is_in(keys)).into_tuple::<String>();
    Ok(found.all(reader.connection()).await?.into_iter().collect())
}

/// The keys of those email addresses that are taken, in any spelling.
///
/// # Errors
///
/// If the database fails.
pub async fn taken_addresses(reader: &impl Reader, addresses: &[&EmailAddress]) -> Result<BTreeSet<String>, Error> {
    let keys = addresses.iter().map(|address| address.key());
    let found = account::Entity::find().select_only().column(account::Column::EmailKey);
    let found = found.filter(account::Column::EmailKey.is_in(keys)).into_tuple::<String>();
    Ok(found.all(reader.connection()).await?.into_iter().collect())
}

/// Those of the ids that belong to users.
///
/// # Errors
///
/// If the database fails.
pub async fn existing(reader: &impl Reader, ids: &[UserId]) -> Result<BTreeSet<UserId>, Error> {
    let found = account::Entity::find().select_only().column(account::Column::Id);
    let found = found.filter(account::Column::Id.is_in(ids.iter().map(|id| id.uuid()))).into_tuple::<uuid::Uuid>();
    Ok(found.all(reader.connection()).await?.into_iter().map(UserId::from).collect())
}

/// The number of users.
///
/// # Errors
///
/// If the database fails.
pub async fn total(store: &Store) -> Result<u64, Error> {
    let statement = store.kind.statement("SELECT count(*) AS total FROM accounts", []);
    let answer = Total::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    Ok(answer.total.cast_unsigned())
}

#[derive(FromQueryResult)]
struct Total {
    total: i64,
}

#[derive(FromQueryResult)]
struct Counts {
    total: i64,
    disabled: i64,
    leaving: i64,
    recent: i64,
}

/// The numbers of users by state. Recent users were created in the seven days before `now`.
///
/// # Errors
///
/// If the database fails.
pub async fn counts(store: &Store, now: DateTime<Utc>) -> Result<UserCounts, Error> {
    let sql = "SELECT count(*) AS total, count(deletion_due_at) AS leaving, \
               count(CASE WHEN deletion_due_at IS NULL THEN disabled_at END) AS disabled, \
               (SELECT count(*) FROM accounts WHERE created_at > $1) AS recent FROM accounts";
    let since = time::millis(now - TimeDelta::days(7));
    let statement = store.kind.statement(sql, [since.into()]);
    let counts = Counts::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    let [total, disabled, leaving, recent] =
        [counts.total, counts.disabled, counts.leaving, counts.recent].map(i64::cast_unsigned);
    Ok(UserCounts { total, active: total - disabled - leaving, disabled, leaving, recent })
}
