//! The connections to a database, and how they are lent.
//!
//! Every use has a deadline. A connection whose use did not run to its end, because the deadline passed or the caller was
//! dropped, is in doubt: the statement may still run there, inside a transaction that would stay open. Such a connection is
//! closed and replaced; it never returns to the pool.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use deadpool::{
    Runtime,
    managed::{self, Object, PoolError, QueueMode, TimeoutType, Timeouts},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, sqlx};
use tokio::time::{Instant, error::Elapsed, timeout, timeout_at};

use super::{
    connection::Connection,
    connector::{Connector, Target},
};

/// The deadline while the database is known not to answer: the next one to ask must not wait as long as the first.
const SHORT_DEADLINE: Duration = Duration::from_millis(750);

/// How long a connection may take to close in order. Nothing is lost with one that does not.
const CLOSING: Duration = Duration::from_secs(1);

/// Connections to one database. Clones share them.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Connector>,
    deadline: Duration,
    /// Whether the last use ended at its deadline.
    is_silent: Arc<AtomicBool>,
    /// Whether the disk refused the last write.
    has_failed_to_write: Arc<AtomicBool>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("status", &self.connections.status()).finish_non_exhaustive()
    }
}

impl Pool {
    /// At most `size` connections to `target`, of which none is open yet.
    pub(super) fn new(target: Target, size: usize, deadline: Duration) -> Self {
        let connections = managed::Pool::builder(Connector::new(target))
            .max_size(size.max(1))
            // The connection that was used last has its pages in memory, and needs no trial.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a runtime is named, which is all that can be missing");
        Self { connections, deadline, is_silent: Arc::default(), has_failed_to_write: Arc::default() }
    }

    /// How connections are opened.
    pub(super) fn target(&self) -> &Target {
        self.connections.manager().target()
    }

    /// When a use that begins now must have ended.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.patience()
    }

    fn patience(&self) -> Duration {
        if self.is_silent.load(Ordering::Relaxed) { self.deadline.min(SHORT_DEADLINE) } else { self.deadline }
    }

    /// A connection for the caller alone.
    ///
    /// # Errors
    ///
    /// [`sqlx::Error::PoolTimedOut`] where all are in use, [`sqlx::Error::PoolClosed`] after [`Pool::close`], and why a new
    /// one cannot be opened.
    pub(super) async fn checkout(&self) -> Result<Checkout, sqlx::Error> {
        let patience = self.patience();
        // The wait for a free connection ends first, so that a busy pool is told from a database that does not answer.
        let timeouts = Timeouts { wait: Some(patience.mul_f32(0.9)), create: None, recycle: None };
        match timeout(patience, self.connections.timeout_get(&timeouts)).await {
            Ok(Ok(lent)) => Ok(Checkout { lent: Some(lent), pool: self.clone(), is_settled: true }),
            Ok(Err(PoolError::Timeout(TimeoutType::Wait))) => Err(sqlx::Error::PoolTimedOut),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed),
            Err(_) => Err(self.passed()),
        }
    }

    /// Closes the connections that are idle, and those in use as they come back.
    pub(super) async fn close(&self) {
        let idle = self.connections.retain(|_, _| false).removed;
        self.connections.close();
        for connection in idle {
            // One that does not close in order is closed all the same, as it is dropped.
            let _ = timeout(CLOSING, connection.close()).await;
        }
    }

    /// Whether the disk refused the last write of a transaction, and none was committed since.
    pub(super) fn has_failed_to_write(&self) -> bool {
        self.has_failed_to_write.load(Ordering::Relaxed)
    }

    /// Remembers how the last write ended.
    pub(super) fn note_write(&self, has_failed: bool) {
        self.has_failed_to_write.store(has_failed, Ordering::Relaxed);
    }

    /// The deadline passed, and the database did not answer.
    fn passed(&self) -> sqlx::Error {
        self.is_silent.store(true, Ordering::Relaxed);
        self.connections.manager().doubt_idle_connections();
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time"))
    }

    fn answered(&self) {
        if self.is_silent.load(Ordering::Relaxed) {
            self.is_silent.store(false, Ordering::Relaxed);
        }
    }
}

/// A connection that is lent. It returns to the pool when it is dropped, unless it is in doubt.
pub(super) struct Checkout {
    lent: Option<Object<Connector>>,
    pool: Pool,
    /// Whether everything that was asked of the connection ran to its end.
    is_settled: bool,
}

impl Checkout {
    /// As [`Connection::execute`], by `deadline`.
    pub(super) async fn execute(&mut self, statement: Statement, deadline: Instant) -> Result<ExecResult, sqlx::Error> {
        let outcome = timeout_at(deadline, self.begin_use().execute(statement)).await;
        self.end_use(outcome)
    }

    /// As [`Connection::execute_unprepared`], by `deadline`.
    pub(super) async fn execute_unprepared(&mut self, sql: &str, deadline: Instant) -> Result<ExecResult, sqlx::Error> {
        let outcome = timeout_at(deadline, self.begin_use().execute_unprepared(sql)).await;
        self.end_use(outcome)
    }

    /// As [`Connection::query_one`], by `deadline`.
    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
        deadline: Instant,
    ) -> Result<Option<QueryResult>, sqlx::Error> {
        let outcome = timeout_at(deadline, self.begin_use().query_one(statement)).await;
        self.end_use(outcome)
    }

    /// As [`Connection::query_all`], by `deadline`.
    pub(super) async fn query_all(
        &mut self,
        statement: Statement,
        deadline: Instant,
    ) -> Result<Vec<QueryResult>, sqlx::Error> {
        let outcome = timeout_at(deadline, self.begin_use().query_all(statement)).await;
        self.end_use(outcome)
    }

    /// Whether nothing is under way on it, as far as is known.
    pub(super) const fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Closes it when it is dropped.
    pub(super) const fn discard(&mut self) {
        self.is_settled = false;
    }

    /// Until [`Checkout::end_use`] says otherwise, the connection is in doubt: this future may be dropped at any point.
    fn begin_use(&mut self) -> &mut Connection {
        self.is_settled = false;
        self.lent.as_mut().expect("a connection is lent until it is dropped")
    }

    fn end_use<T>(&mut self, outcome: Result<Result<T, sqlx::Error>, Elapsed>) -> Result<T, sqlx::Error> {
        let result = outcome.unwrap_or_else(|_| Err(self.pool.passed()));
        self.is_settled = result.as_ref().err().is_none_or(leaves_connection_usable);
        if self.is_settled {
            self.pool.answered();
        }
        result
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let (false, Some(lent)) = (self.is_settled, self.lent.take()) {
            drop(Object::take(lent));
        }
    }
}

/// Whether the two ends still agree about what is said on the connection.
fn leaves_connection_usable(error: &sqlx::Error) -> bool {
    match error {
        // A PostgreSQL server that goes away says so (class 57P: operator intervention).
        sqlx::Error::Database(error) => !error.code().is_some_and(|code| code.len() == 5 && code.starts_with("57P")),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => false,
        _ => true,
    }
}

/// Each statement gets a connection of its own.
#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        match self.target() {
            Target::Sqlite(..) => DbBackend::Sqlite,
            Target::Postgres(..) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let deadline = self.deadline();
        let mut connection = self.checkout().await.map_err(execution_failed)?;
        connection.execute(statement, deadline).await.map_err(execution_failed)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let deadline = self.deadline();
        let mut connection = self.checkout().await.map_err(execution_failed)?;
        connection.execute_unprepared(sql, deadline).await.map_err(execution_failed)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        #[cfg(test)]
        super::plans::note(&statement);
        let deadline = self.deadline();
        let mut connection = self.checkout().await.map_err(query_failed)?;
        connection.query_one(statement, deadline).await.map_err(query_failed)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        #[cfg(test)]
        super::plans::note(&statement);
        let deadline = self.deadline();
        let mut connection = self.checkout().await.map_err(query_failed)?;
        connection.query_all(statement, deadline).await.map_err(query_failed)
    }
}

/// The error as sea-orm has it for statements that change something.
pub(super) fn execution_failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

/// The error as sea-orm has it for statements that ask something.
pub(super) fn query_failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
