//! A connection to SQLite or PostgreSQL, through the driver only.
//!
//! Transactions use the SQL texts `BEGIN`, `COMMIT` and `ROLLBACK`, so that the state of the database alone decides
//! whether one is open. The driver's transactions keep their own count. It is wrong after SQLite rolled back by itself
//! (`SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_NOMEM`) and after a canceled `BEGIN` on PostgreSQL: later commits then
//! succeed without storing anything.

use std::{fmt, sync::Arc};

use sea_orm::{
    ExecResult, QueryResult, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection},
};
use sea_query_sqlx::SqlxValues;

/// An open connection.
pub(super) enum Connection {
    /// To an SQLite file, or to a database in memory.
    Sqlite(SqliteConnection),
    /// To a PostgreSQL server.
    Postgres(Box<Postgres>),
}

/// A connection to a PostgreSQL server, or to a pooler in front of it.
pub(super) struct Postgres {
    connection: PgConnection,
    /// Behind a pooler in transaction mode, what sets up each transaction. Such a pooler may use another connection to
    /// the server after each one. So no prepared statement is kept, and every statement is in a transaction, because the
    /// driver prepares and runs it in two steps.
    setup: Option<Arc<str>>,
    is_in_transaction: bool,
}

impl Postgres {
    /// The connection. `setup` is for a pooler in transaction mode.
    pub(super) const fn new(connection: PgConnection, setup: Option<Arc<str>>) -> Self {
        Self { connection, setup, is_in_transaction: false }
    }

    /// Begins a transaction if the next statement needs one of its own. Returns whether it did.
    async fn begin(&mut self) -> Result<bool, sqlx::Error> {
        match &self.setup {
            Some(setup) if !self.is_in_transaction => {
                let sql = format!("BEGIN; {setup}");
                self.connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Ends the transaction that [`Postgres::begin`] began.
    async fn end<T>(&mut self, has_begun: bool, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if has_begun {
            let sql = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
            self.connection.execute(sqlx::raw_sql(sql)).await?;
        }
        result
    }

    async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        let begins = sql.starts_with("BEGIN");
        // After an error of COMMIT no transaction is open either, or the connection is lost.
        self.is_in_transaction = (self.is_in_transaction || begins) && !matches!(sql, "COMMIT" | "ROLLBACK");
        let sql = match &self.setup {
            Some(setup) if begins => format!("{sql}; {setup}"),
            _ => sql.to_owned(),
        };
        Ok(self.connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?.into())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl Connection {
    /// Runs a statement and returns the number of changed rows.
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, sqlx::Error> {
        let (sql, values) = sql_and_values(statement);
        match self {
            Self::Sqlite(connection) => Ok(sqlx::query_with(sql, values).execute(connection).await?.into()),
            Self::Postgres(it) => {
                let has_begun = it.begin().await?;
                let result =
                    sqlx::query_with(sql, values).persistent(it.setup.is_none()).execute(&mut it.connection).await;
                Ok(it.end(has_begun, result).await?.into())
            }
        }
    }

    /// Runs SQL without values, possibly several statements.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?.into()),
            Self::Postgres(it) => it.execute_unprepared(sql).await,
        }
    }

    /// The first row, if there is one.
    pub(super) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, sqlx::Error> {
        let (sql, values) = sql_and_values(statement);
        Ok(match self {
            Self::Sqlite(connection) => {
                sqlx::query_with(sql, values).fetch_optional(connection).await?.map(QueryResult::from)
            }
            Self::Postgres(it) => {
                let has_begun = it.begin().await?;
                let row = sqlx::query_with(sql, values)
                    .persistent(it.setup.is_none())
                    .fetch_optional(&mut it.connection)
                    .await;
                it.end(has_begun, row).await?.map(QueryResult::from)
            }
        })
    }

    /// All rows of the result.
    pub(super) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        let (sql, values) = sql_and_values(statement);
        Ok(match self {
            Self::Sqlite(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(connection).await?;
                rows.into_iter().map(QueryResult::from).collect()
            }
            Self::Postgres(it) => {
                let has_begun = it.begin().await?;
                let rows =
                    sqlx::query_with(sql, values).persistent(it.setup.is_none()).fetch_all(&mut it.connection).await;
                it.end(has_begun, rows).await?.into_iter().map(QueryResult::from).collect()
            }
        })
    }

    /// Sends an empty message and waits for the answer.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.ping().await,
            Self::Postgres(it) => it.connection.ping().await,
        }
    }

    /// Closes the connection in order. A dropped connection is closed without notice to the other end.
    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(it) => it.connection.close().await,
        }
    }
}

fn sql_and_values(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    (AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or_else(|| Values(Vec::new()))))
}
