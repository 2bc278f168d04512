//! A connection to SQLite or PostgreSQL, through the driver only.
//!
//! Transactions use the SQL texts `BEGIN`, `COMMIT` and `ROLLBACK`, so that the state of the database alone decides
//! whether one is open. The driver's transactions keep their own count. It is wrong after SQLite rolled back by itself
//! (`SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_NOMEM`) and after a canceled `BEGIN` on PostgreSQL: later commits then
//! succeed without storing anything.

use std::fmt;

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
    Postgres(Box<PgConnection>),
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
            Self::Postgres(connection) => Ok(sqlx::query_with(sql, values).execute(&mut **connection).await?.into()),
        }
    }

    /// Runs SQL without values, possibly several statements.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Sqlite(connection) => Ok(connection.execute(sql).await?.into()),
            Self::Postgres(connection) => Ok(connection.execute(sql).await?.into()),
        }
    }

    /// The first row, if there is one.
    pub(super) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, sqlx::Error> {
        let (sql, values) = sql_and_values(statement);
        Ok(match self {
            Self::Sqlite(connection) => {
                sqlx::query_with(sql, values).fetch_optional(connection).await?.map(QueryResult::from)
            }
            Self::Postgres(connection) => {
                sqlx::query_with(sql, values).fetch_optional(&mut **connection).await?.map(QueryResult::from)
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
            Self::Postgres(connection) => {
                let rows = sqlx::query_with(sql, values).fetch_all(&mut **connection).await?;
                rows.into_iter().map(QueryResult::from).collect()
            }
        })
    }

    /// Sends an empty message and waits for the answer.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.ping().await,
            Self::Postgres(connection) => connection.ping().await,
        }
    }

    /// Closes the connection in order. A dropped connection is closed without notice to the other end.
    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
    }
}

fn sql_and_values(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    (AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or_else(|| Values(Vec::new()))))
}
