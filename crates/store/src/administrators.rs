//! Administrators: the accounts that hold the role `admin`, which no role includes. That one enabled account of them is left is checked by whoever
//! takes one away; this makes the check hold against others who do the same at the same time.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryOrder};

use super::{
    Cause, DatabaseKind, Error, Reader, Store, Tx,
    entity::{account, role},
};
use crate::dialect::Dialect;
use fieldguard_domain::{role::ADMIN, user::User};

const HOLDERS: &str = "SELECT a.id FROM accounts a JOIN account_roles h ON h.account_id = a.id \
                       JOIN roles r ON r.id = h.role_id WHERE r.name = $1";

#[derive(FromQueryResult)]
struct Count {
    enabled: i64,
}

#[derive(FromQueryResult)]
struct Existence {
    exist: bool,
}

/// Waits until no other transaction that called it is open: until the end of this one, nobody else takes an administrator
/// away, changes a role or gives one to an account that others know of. Call it first, before anything is changed, so that
/// two transactions do not wait for each other. Calling it again changes nothing.
///
/// # Errors
///
/// Where the database fails.
pub async fn lock(tx: &Tx) -> Result<(), Error> {
    // On SQLite the write transaction itself is that lock.
    if tx.kind() == DatabaseKind::Postgres {
        let lock = tx.kind().statement("SELECT id FROM roles WHERE name = $1 FOR NO KEY UPDATE", [ADMIN.into()]);
        tx.connection().query_one_raw(lock).await?;
    }
    Ok(())
}

/// How many administrators can sign in, as the transaction leaves it, where there is one.
///
/// # Errors
///
/// Where the database fails.
pub async fn enabled(reader: &impl Reader) -> Result<u64, Error> {
    let sql = format!(
        "SELECT count(*) AS enabled FROM ({HOLDERS} AND a.disabled_at IS NULL AND a.deletion_due_at IS NULL) AS administrators"
    );
    let statement = reader.kind().statement(sql, [ADMIN.into()]);
    let count = Count::find_by_statement(statement).one(reader.connection()).await?.ok_or_else(Cause::unreadable)?;
    Ok(count.enabled.cast_unsigned())
}

/// All administrators, disabled ones too, in the order they were made in.
///
/// # Errors
///
/// Where the database fails.
pub async fn list(store: &Store) -> Result<Vec<User>, Error> {
    let rows = account::Entity::find()
        .has_related(role::Entity, role::Column::Name.eq(ADMIN))
        .order_by_asc(account::Column::Id)
        .all(&store.reader)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Is there any administrator?
///
/// # Errors
///
/// Where the database fails.
pub async fn exist(store: &Store) -> Result<bool, Error> {
    let statement = store.kind.statement(format!("SELECT EXISTS ({HOLDERS}) AS exist"), [ADMIN.into()]);
    let answer = Existence::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    Ok(answer.exist)
}
