//! Opens the connections of a pool, and checks idle ones before reuse.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, RecycleResult};
use sea_orm::sqlx::{
    self, AssertSqlSafe, ConnectOptions as _, Executor as _, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use tokio::time::timeout;

use super::{
    connection::{Connection, Postgres},
    database_file::FileId,
};

/// The idle time after which a PostgreSQL connection is pinged before use. This detects a restarted server without a
/// second round trip for every query.
const PING_AFTER: Duration = Duration::from_millis(500);

/// The timeout of that ping. A slower server would not answer the query in time either.
const PING_TIMEOUT: Duration = Duration::from_millis(500);

/// The target of connections.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A file, which is never created here, or a database in memory. The file must be the one that was opened first,
    /// because another file may replace it.
    Sqlite(Box<SqliteConnectOptions>, Option<(PathBuf, FileId)>),
    /// A server, and the SQL that sets up each connection, or behind a pooler in transaction mode each transaction.
    Postgres(Box<PgConnectOptions>, Setup),
}

/// The SQL that sets up the sessions with a PostgreSQL server.
#[derive(Debug, Clone)]
pub(super) enum Setup {
    /// Once for each connection.
    Session(String),
    /// In each transaction.
    Transaction(Arc<str>),
}

impl Target {
    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(options, file) => {
                let connection = options.connect().await?;
                match file {
                    Some((path, id)) if FileId::at(path)? != *id => {
                        Err(std::io::Error::other("the database file was replaced by another file").into())
                    }
                    _ => Ok(Connection::Sqlite(connection)),
                }
            }
            Self::Postgres(options, setup) => {
                let mut connection = options.connect().await?;
                let setup = match setup {
                    Setup::Session(setup) => {
                        connection.execute(sqlx::raw_sql(AssertSqlSafe(setup.as_str()))).await?;
                        None
                    }
                    Setup::Transaction(setup) => Some(setup.clone()),
                };
                Ok(Connection::Postgres(Box::new(Postgres::new(connection, setup))))
            }
        }
    }
}

/// Opens connections to one target.
pub(super) struct Connector {
    target: Target,
    /// Connections last used before this time are pinged before use: one of them did not answer.
    unverified_before: Mutex<Option<Instant>>,
}

impl Connector {
    /// Opens connections to `target`.
    pub(super) fn new(target: Target) -> Self {
        Self { target, unverified_before: Mutex::default() }
    }

    /// How connections are opened.
    pub(super) const fn target(&self) -> &Target {
        &self.target
    }

    /// Marks all idle connections to be pinged before their next use.
    pub(super) fn ping_idle_connections(&self) {
        *self.unverified_before.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn needs_ping(&self, metrics: &Metrics) -> bool {
        let unverified_before = *self.unverified_before.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.last_used() >= PING_AFTER
            || unverified_before.is_some_and(|at| metrics.recycled.unwrap_or(metrics.created) < at)
    }
}

impl Manager for Connector {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        self.target.connect().await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        // A local file does not disappear silently, and its connections do not become stale.
        if matches!(connection, Connection::Postgres(_)) && self.needs_ping(metrics) {
            let Ok(answered) = timeout(PING_TIMEOUT, connection.ping()).await else {
                self.ping_idle_connections();
                return Err(sqlx::Error::WorkerCrashed.into());
            };
            answered?;
        }
        Ok(())
    }
}
