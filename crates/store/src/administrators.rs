//! Administrators: the users who hold the role `admin`, which no role includes. Code that removes an administrator
//! checks that an enabled one is left. [`lock`] makes that check hold against concurrent transactions.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryOrder};

use super::{
    Cause, DatabaseType, Error, Reader, Store, Tx,
    entity::{account, role},
};
use crate::dialect::Dialect;
use fieldguard_domain::{role::ADMIN, user::User};

/// The users with the role, by its id, which is the same in every database. It is a literal, so that PostgreSQL knows
/// how few have this role. By the role's name, it expects an average share of all users, and reads all of them.
fn holders(kind: DatabaseType) -> String {
    let role = match kind {
        DatabaseType::Sqlite => "X'00000000000070008000000000000001'",
        DatabaseType::Postgres => "'00000000-0000-7000-8000-000000000001'",
    };
    format!("SELECT a.id FROM account_roles h JOIN accounts a ON a.id = h.account_id WHERE h.role_id = {role}")
}

#[derive(FromQueryResult)]
struct Count {
    enabled: i64,
}

#[derive(FromQueryResult)]
struct Existence {
    exist: bool,
}

/// Waits until no other transaction holds this lock, and holds it until the transaction ends. Until then, no other
/// transaction removes an administrator, changes a role or assigns one to an existing user. Call it before any change,
/// so that two transactions do not wait for each other. A second call has no effect.
///
/// # Errors
///
/// If the database fails.
pub async fn lock(tx: &Tx) -> Result<(), Error> {
    // On SQLite, the write transaction itself is that lock.
    if tx.kind() == DatabaseType::Postgres {
        let lock = tx.kind().statement("SELECT id FROM roles WHERE name = $1 FOR NO KEY UPDATE", [ADMIN.into()]);
        tx.connection().query_one_raw(lock).await?;
    }
    Ok(())
}

/// The number of administrators who can sign in, as the transaction sees it.
///
/// # Errors
///
/// If the database fails.
pub async fn enabled(reader: &impl Reader) -> Result<u64, Error> {
    let sql = format!(
        "SELECT count(*) AS enabled FROM ({} AND a.disabled_at IS NULL AND a.deletion_due_at IS NULL) AS administrators",
        holders(reader.kind())
    );
    let statement = reader.kind().statement(sql, []);
    let count = Count::find_by_statement(statement).one(reader.connection()).await?.ok_or_else(Cause::unreadable)?;
    Ok(count.enabled.cast_unsigned())
}

/// All administrators, including disabled ones, in order of creation.
///
/// # Errors
///
/// If the database fails.
pub async fn list(store: &Store) -> Result<Vec<User>, Error> {
    let rows = account::Entity::find()
        .has_related(role::Entity, role::Column::Name.eq(ADMIN))
        .order_by_asc(account::Column::Id)
        .all(&store.reader)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Whether an administrator exists.
///
/// # Errors
///
/// If the database fails.
pub async fn exist(store: &Store) -> Result<bool, Error> {
    let statement = store.kind.statement(format!("SELECT EXISTS ({}) AS exist", holders(store.kind)), []);
    let answer = Existence::find_by_statement(statement).one(&store.reader).await?.ok_or_else(Cause::unreadable)?;
    Ok(answer.exist)
}
