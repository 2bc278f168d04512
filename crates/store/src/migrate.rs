//! Migrates the database to the schema of this program. The migrations are in `migration/`.

use std::{collections::BTreeSet, time::Duration};

use fieldguard_migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, IsolationLevel, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
    sqlx::{postgres::PgPoolOptions, sqlite::SqlitePoolOptions},
};

use super::{
    Cause, Error, Reader, Store,
    connector::{Setup, Target},
};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseType;

/// The advisory lock that serializes migrations of concurrent replicas. Any unused number works.
const LOCK: i64 = 0x6669_656c_6467_7561;

/// How long to wait while another process migrates an SQLite database.
const BUSY_TIMEOUT: Duration = Duration::from_mins(1);

/// The schema of a database compared with the schema of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The schemas are the same.
    Current,
    /// The database lacks migrations of this program.
    Older,
    /// The database has migrations that this program does not know.
    Newer,
}

/// The migrator keeps prepared statements. A pooler would hand them to other transactions with the connection.
const FORGET_STATEMENTS: &str = "DEALLOCATE ALL; ";

impl Store {
    /// Applies the missing migrations, all or none. Concurrent callers wait and then have nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Newer`] if the database has migrations that this program does not know. It stays unchanged.
    pub async fn migrate(&self) -> Result<(), Error> {
        // The query fails if the table of migrations does not exist yet.
        match self.schema().await {
            Ok(Schema::Current) => return Ok(()),
            Ok(Schema::Newer) => return Err(Error::Newer),
            Ok(Schema::Older) | Err(_) => {}
        }
        let tx = Box::pin(self.change_schema()).await?;
        Box::pin(refuse_newer(&tx.inner)).await?;
        // The transactions of the migrations are savepoints in this one, which holds the lock.
        Box::pin(Migrator::up(&tx.inner, None)).await?;
        tx.commit().await
    }

    /// Begins a transaction that may change the schema, once no other such transaction is open.
    pub(super) async fn change_schema(&self) -> Result<SchemaTx, Error> {
        let connection = self.migration_connection().await?;
        let is_postgres = self.kind == DatabaseType::Postgres;
        let is_pooled = matches!(self.writer.target(), Target::Postgres(_, Setup::Transaction(_)));
        let options = TransactionOptions {
            // Prepares a statement, which a pooled connection may have already.
            isolation_level: (is_postgres && !is_pooled).then_some(IsolationLevel::ReadCommitted),
            sqlite_transaction_mode: (!is_postgres).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = connection.begin_with_options(options).await?;
        if is_postgres {
            let forget = if is_pooled { FORGET_STATEMENTS } else { "" };
            let setup =
                format!("{forget}SET LOCAL client_min_messages = warning; SELECT pg_advisory_xact_lock({LOCK})");
            inner.execute_unprepared(&setup).await?;
        }
        Ok(SchemaTx { kind: self.kind, is_pooled, inner, connection })
    }

    /// Whether any migration was ever applied. Creates nothing.
    pub(super) async fn is_migrated(&self) -> Result<bool, Error> {
        let sql = match self.kind {
            DatabaseType::Sqlite => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
            DatabaseType::Postgres => "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
        };
        let table = Migrator::migration_table_name().to_string();
        Ok(self.reader.query_one_raw(self.kind.statement(sql, [table.into()])).await?.is_some())
    }

    /// The current state of the schema. Another process may have changed it since the start.
    ///
    /// # Errors
    ///
    /// If the database fails, or was never migrated.
    pub async fn schema(&self) -> Result<Schema, Error> {
        schema(self).await
    }

    /// A separate connection without deadlines, because an index on a large table takes time. The migrator requires a
    /// sea-orm connection.
    async fn migration_connection(&self) -> Result<DatabaseConnection, Error> {
        Ok(match self.writer.target() {
            Target::Sqlite(options, _) => {
                // SQLite rebuilds a table by dropping the old one. With foreign keys, that deletes what refers to it.
                let options = (**options).clone().busy_timeout(BUSY_TIMEOUT).foreign_keys(false);
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

/// Like [`Store::schema`], on the store or in a transaction.
pub(super) async fn schema(reader: &impl Reader) -> Result<Schema, Error> {
    let statement = reader.kind().statement("SELECT version FROM seaql_migrations", []);
    let rows = reader.connection().query_all_raw(statement).await?;
    let applied: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("", "version")).collect();
    Ok(compare(&applied?))
}

/// A transaction that may change the schema, on a separate connection without deadlines. Drop rolls it back unless it
/// was committed.
#[derive(Debug)]
pub(super) struct SchemaTx {
    kind: DatabaseType,
    is_pooled: bool,
    inner: DatabaseTransaction,
    connection: DatabaseConnection,
}

impl SchemaTx {
    /// Applies the next `steps` migrations.
    pub(super) async fn up(&self, steps: usize) -> Result<(), Error> {
        Ok(Migrator::up(&self.inner, Some(u32::try_from(steps).unwrap_or(u32::MAX))).await?)
    }

    /// Commits the transaction, if every foreign key refers to a row.
    pub(super) async fn commit(self) -> Result<(), Error> {
        if self.kind == DatabaseType::Sqlite {
            let dangling = "SELECT 1 FROM pragma_foreign_key_check LIMIT 1";
            if self.inner.query_one_raw(self.kind.statement(dangling, [])).await?.is_some() {
                return Err(Cause::unreadable());
            }
        }
        if self.is_pooled {
            self.inner.execute_unprepared(FORGET_STATEMENTS).await?;
        }
        self.inner.commit().await?;
        Ok(self.connection.close().await?)
    }
}

impl Reader for SchemaTx {
    type Connection = DatabaseTransaction;

    fn kind(&self) -> DatabaseType {
        self.kind
    }

    fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }
}

/// The names of all migrations, in their order.
pub(super) fn known() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

/// The applied migrations, in no particular order; none if the database has no schema. It changes nothing.
pub(super) async fn applied(reader: &impl Reader) -> Result<Vec<String>, Error> {
    let table = match reader.kind() {
        DatabaseType::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        DatabaseType::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
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
