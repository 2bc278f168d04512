//! Brings the database to the schema this program knows. The steps themselves are in `migration/`.

use std::{collections::BTreeSet, time::Duration};

use fieldguard_migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, IsolationLevel, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
    sqlx::{postgres::PgPoolOptions, sqlite::SqlitePoolOptions},
};

use super::{Error, Reader, Store, connector::Target};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseKind;

/// The advisory lock that replicas starting at once line up at. Any number will do that nobody else uses.
const LOCK: i64 = 0x6669_656c_6467_7561;

/// How long an SQLite database is waited for that another process migrates.
const OTHERS: Duration = Duration::from_mins(1);

/// What the schema of a database is, beside the one this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The same.
    Current,
    /// Steps are missing that this program would make.
    Older,
    /// It has steps that this program does not know.
    Newer,
}

impl Store {
    /// Applies the steps that are missing, all or none. Others who do the same at the same time wait and then find nothing
    /// to do.
    ///
    /// # Errors
    ///
    /// [`Error::Newer`] where the database has steps this program does not know; it is left as it is.
    pub async fn migrate(&self) -> Result<(), Error> {
        // Where there is no table of steps yet, the question fails.
        match self.schema().await {
            Ok(Schema::Current) => return Ok(()),
            Ok(Schema::Newer) => return Err(Error::Newer),
            Ok(Schema::Older) | Err(_) => {}
        }
        let tx = Box::pin(self.change_schema()).await?;
        Box::pin(refuse_newer(&tx.inner)).await?;
        // The steps' own transactions are savepoints in this one, which holds the lock.
        Box::pin(Migrator::up(&tx.inner, None)).await?;
        tx.commit().await
    }

    /// Begins a transaction that may change the schema, once no other one is open.
    pub(super) async fn change_schema(&self) -> Result<SchemaTx, Error> {
        let connection = self.migration_connection().await?;
        let is_postgres = self.kind == DatabaseKind::Postgres;
        let options = TransactionOptions {
            isolation_level: is_postgres.then_some(IsolationLevel::ReadCommitted),
            sqlite_transaction_mode: (!is_postgres).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = connection.begin_with_options(options).await?;
        if is_postgres {
            let setup = format!("SET LOCAL client_min_messages = warning; SELECT pg_advisory_xact_lock({LOCK})");
            inner.execute_unprepared(&setup).await?;
        }
        Ok(SchemaTx { kind: self.kind, inner, connection })
    }

    /// Whether a step was ever applied. Creates nothing.
    pub(super) async fn is_migrated(&self) -> Result<bool, Error> {
        let sql = match self.kind {
            DatabaseKind::Sqlite => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
            DatabaseKind::Postgres => "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
        };
        let table = Migrator::migration_table_name().to_string();
        Ok(self.reader.query_one_raw(self.kind.statement(sql, [table.into()])).await?.is_some())
    }

    /// What the schema of the database is now. Another process may have changed it since the start.
    ///
    /// # Errors
    ///
    /// Where the database fails, or was never migrated.
    pub async fn schema(&self) -> Result<Schema, Error> {
        schema(self).await
    }

    /// A connection of its own, without deadlines: building an index on a large table takes as long as it takes. The migrator
    /// asks for one of sea-orm's.
    async fn migration_connection(&self) -> Result<DatabaseConnection, Error> {
        Ok(match self.writer.target() {
            Target::Sqlite(options, _) => {
                let options = (**options).clone().busy_timeout(OTHERS);
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
                SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
            }
            Target::Postgres(options, _) => {
                let pool = PgPoolOptions::new().max_connections(1).connect_with((**options).clone()).await?;
                SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
            }
        })
    }
}

/// As [`Store::schema`], on the store or in a transaction.
pub(super) async fn schema(reader: &impl Reader) -> Result<Schema, Error> {
    let statement = reader.kind().statement("SELECT version FROM seaql_migrations", []);
    let rows = reader.connection().query_all_raw(statement).await?;
    let applied: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("", "version")).collect();
    Ok(compare(&applied?))
}

/// A transaction that may change the schema, on a connection of its own that has no deadlines. What is not committed is rolled
/// back when it is dropped.
#[derive(Debug)]
pub(super) struct SchemaTx {
    kind: DatabaseKind,
    inner: DatabaseTransaction,
    connection: DatabaseConnection,
}

impl SchemaTx {
    /// Applies the next `steps` steps.
    pub(super) async fn up(&self, steps: usize) -> Result<(), Error> {
        Ok(Migrator::up(&self.inner, Some(u32::try_from(steps).unwrap_or(u32::MAX))).await?)
    }

    /// Makes everything done in it last.
    pub(super) async fn commit(self) -> Result<(), Error> {
        self.inner.commit().await?;
        Ok(self.connection.close().await?)
    }
}

impl Reader for SchemaTx {
    type Connection = DatabaseTransaction;

    fn kind(&self) -> DatabaseKind {
        self.kind
    }

    fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

/// The names of all steps, in their order.
pub(super) fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

/// The steps that were applied, in no particular order; none where the database has no schema. It changes nothing.
pub(super) async fn applied(reader: &impl Reader) -> Result<Vec<String>, Error> {
    let table = match reader.kind() {
        DatabaseKind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        DatabaseKind::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
    };
    let (connection, statement) = (reader.connection(), |sql| reader.kind().statement(sql, []));
    if connection.query_one_raw(statement(table)).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = connection.query_all_raw(statement("SELECT version FROM seaql_migrations")).await?;
    let applied = rows.iter().map(|row| row.try_get("", "version")).collect::<Result<Vec<_>, _>>()?;
    if compare(&applied) == Schema::Newer { Err(Error::Newer) } else { Ok(applied) }
}

async fn refuse_newer(connection: &DatabaseTransaction) -> Result<(), Error> {
    let applied = Migrator::get_migration_models(connection).await?;
    let applied: Vec<String> = applied.into_iter().map(|step| step.version).collect();
    if compare(&applied) == Schema::Newer { Err(Error::Newer) } else { Ok(()) }
}

fn compare(applied: &[String]) -> Schema {
    let known = Migrator::migrations();
    let known: BTreeSet<&str> = known.iter().map(|step| step.name()).collect();
    if !applied.iter().all(|version| known.contains(version.as_str())) {
        Schema::Newer
    } else if applied.len() < known.len() {
        Schema::Older
    } else {
        Schema::Current
    }
}
