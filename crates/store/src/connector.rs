//! Opens the connections of a pool, and looks at those that were idle before they are used again.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, RecycleResult};
use sea_orm::sqlx::{
    self, AssertSqlSafe, ConnectOptions as _, Executor as _, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use tokio::time::timeout;

use super::{connection::Connection, database_file::FileId};

/// A connection to PostgreSQL that was unused for longer is tried before it is used, so that a restarted server is noticed
/// without a second round trip on every query.
const FRESH: Duration = Duration::from_millis(500);

/// How long the trial may take. A server that needs longer for nothing at all would not answer the query in time either.
const TRIAL: Duration = Duration::from_millis(500);

/// How connections are opened.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A file, which is never created here, or a database in memory. A file must be the one that was opened first: another one
    /// may have taken its path.
    Sqlite(Box<SqliteConnectOptions>, Option<(PathBuf, FileId)>),
    /// A server, and what each session there begins with.
    Postgres(Box<PgConnectOptions>, String),
}

impl Target {
    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(options, file) => {
                let connection = options.connect().await?;
                match file {
                    Some((path, id)) if FileId::at(path)? != *id => {
                        Err(std::io::Error::other("another file is at the path of the database").into())
                    }
                    _ => Ok(Connection::Sqlite(connection)),
                }
            }
            Self::Postgres(options, setup) => {
                let mut connection = options.connect().await?;
                connection.execute(sqlx::raw_sql(AssertSqlSafe(setup.as_str()))).await?;
                Ok(Connection::Postgres(Box::new(connection)))
            }
        }
    }
}

/// Opens connections to one target.
pub(super) struct Connector {
    target: Target,
    /// Connections that were last used before then are tried whatever their age: one of their time did not answer.
    doubted: Mutex<Option<Instant>>,
}

impl Connector {
    /// Opens connections to `target`.
    pub(super) fn new(target: Target) -> Self {
        Self { target, doubted: Mutex::default() }
    }

    /// How connections are opened.
    pub(super) const fn target(&self) -> &Target {
        &self.target
    }

    /// Has all connections that are idle now tried before their next use.
    pub(super) fn doubt_idle_connections(&self) {
        *self.doubted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn wants_trial(&self, metrics: &Metrics) -> bool {
        let doubted = *self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.last_used() >= FRESH || doubted.is_some_and(|at| metrics.recycled.unwrap_or(metrics.created) < at)
    }
}

impl Manager for Connector {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        self.target.connect().await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        // A file does not go away without a word, and its connections do not grow old.
        if matches!(connection, Connection::Postgres(_)) && self.wants_trial(metrics) {
            let Ok(answered) = timeout(TRIAL, connection.ping()).await else {
                self.doubt_idle_connections();
                return Err(sqlx::Error::WorkerCrashed.into());
            };
            answered?;
        }
        Ok(())
    }
}
