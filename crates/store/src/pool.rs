//! The connection pool of a database.
//!
//! Every operation has a deadline. If an operation did not finish, because the deadline passed or the caller was
//! dropped, its statement may still run in an open transaction. Such a connection is closed and replaced; it never
//! returns to the pool.

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
use fieldguard_domain::measure::{Histogram, Snapshot};
use fieldguard_trace::{StepKind, record};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, sqlx};
use tokio::time::{Instant, error::Elapsed, timeout, timeout_at};

use super::{
    connection::Connection,
    connector::{Connector, Target},
};

/// The deadline while the database does not answer, so that the next caller waits less than the first.
const SHORT_DEADLINE: Duration = Duration::from_millis(750);

/// How long a connection may take to close in order. Nothing is lost if it does not.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A pool of connections to one database. Clones share it.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Connector>,
    deadline: Duration,
    /// Whether the last operation reached its deadline.
    is_unresponsive: Arc<AtomicBool>,
    /// Whether the disk refused a write since the last successful probe.
    has_failed_to_write: Arc<AtomicBool>,
    /// How long operations took, without the wait for a connection.
    durations: Arc<Histogram>,
}

/// The use of a pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// The connections in use.
    pub used: usize,
    /// The open connections that are not in use.
    pub idle: usize,
    /// The maximum number of open connections.
    pub maximum: usize,
    /// The callers that wait for a connection.
    pub waiting: usize,
    /// How long operations took, without the wait for a connection.
    pub durations: Snapshot,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("status", &self.connections.status()).finish_non_exhaustive()
    }
}

impl Pool {
    /// A pool of at most `size` connections to `target`. It opens none yet.
    pub(super) fn new(target: Target, size: usize, deadline: Duration) -> Self {
        let connections = managed::Pool::builder(Connector::new(target))
            .max_size(size.max(1))
            // The connection that was used last has its pages in memory, and needs no ping.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .build()
            .expect("the builder has a runtime, the only required part");
        Self {
            connections,
            deadline,
            is_unresponsive: Arc::default(),
            has_failed_to_write: Arc::default(),
            durations: Arc::default(),
        }
    }

    /// The use of the pool now.
    pub(super) fn usage(&self) -> PoolUse {
        let status = self.connections.status();
        PoolUse {
            used: status.size.saturating_sub(status.available),
            idle: status.available,
            maximum: status.max_size,
            waiting: status.waiting,
            durations: self.durations.snapshot(),
        }
    }

    /// The target of the connections.
    pub(super) fn target(&self) -> &Target {
        self.connections.manager().target()
    }

    /// The deadline of an operation that begins now.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.time_limit()
    }

    fn time_limit(&self) -> Duration {
        if self.is_unresponsive.load(Ordering::Relaxed) { self.deadline.min(SHORT_DEADLINE) } else { self.deadline }
    }

    /// A connection for the exclusive use of the caller.
    ///
    /// # Errors
    ///
    /// [`sqlx::Error::PoolTimedOut`] if all are in use, [`sqlx::Error::PoolClosed`] after [`Pool::close`], or the
    /// reason why a new one cannot be opened.
    pub(super) async fn checkout(&self) -> Result<Checkout, sqlx::Error> {
        let time_limit = self.time_limit();
        // The wait for a free connection ends first, to distinguish a busy pool from a database that does not answer.
        let timeouts = Timeouts { wait: Some(time_limit.mul_f32(0.9)), create: None, recycle: None };
        match timeout(time_limit, self.connections.timeout_get(&timeouts)).await {
            Ok(Ok(lent)) => {
                Ok(Checkout { lent: Some(lent), pool: self.clone(), is_settled: true, began: Instant::now() })
            }
            Ok(Err(PoolError::Timeout(TimeoutType::Wait))) => Err(sqlx::Error::PoolTimedOut),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed),
            Err(_) => Err(self.deadline_passed()),
        }
    }

    /// Closes idle connections now, and connections in use when they return.
    pub(super) async fn close(&self) {
        let idle = self.connections.retain(|_, _| false).removed;
        self.connections.close();
        for connection in idle {
            // If closing in order fails, the drop closes it.
            let _ = timeout(CLOSE_TIMEOUT, connection.close()).await;
        }
    }

    /// Whether the disk refused a write of a transaction, and no probe succeeded since. A commit says less: a small one may
    /// succeed on a disk that is too full for others.
    pub(super) fn has_failed_to_write(&self) -> bool {
        self.has_failed_to_write.load(Ordering::Relaxed)
    }

    /// Records that the disk refused a write, or that a probe succeeded.
    pub(super) fn note_write(&self, has_failed: bool) {
        self.has_failed_to_write.store(has_failed, Ordering::Relaxed);
    }

    /// Records that the deadline passed without an answer.
    fn deadline_passed(&self) -> sqlx::Error {
        self.is_unresponsive.store(true, Ordering::Relaxed);
        self.connections.manager().ping_idle_connections();
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time"))
    }

    fn answered(&self) {
        if self.is_unresponsive.load(Ordering::Relaxed) {
            self.is_unresponsive.store(false, Ordering::Relaxed);
        }
    }
}

/// A connection on loan. Drop returns it to the pool, unless an operation did not finish.
pub(super) struct Checkout {
    lent: Option<Object<Connector>>,
    pool: Pool,
    /// Whether every operation on the connection finished.
    is_settled: bool,
    /// When the last operation began.
    began: Instant,
}

impl Checkout {
    /// Like [`Connection::execute`], until `deadline`.
    pub(super) async fn execute(&mut self, statement: Statement, deadline: Instant) -> Result<ExecResult, sqlx::Error> {
        let keyword = keyword(&statement.sql);
        let outcome = timeout_at(deadline, self.begin_use().execute(statement)).await;
        self.end_use(keyword, outcome)
    }

    /// Like [`Connection::execute_unprepared`], until `deadline`.
    pub(super) async fn execute_unprepared(&mut self, sql: &str, deadline: Instant) -> Result<ExecResult, sqlx::Error> {
        let outcome = timeout_at(deadline, self.begin_use().execute_unprepared(sql)).await;
        self.end_use(keyword(sql), outcome)
    }

    /// Like [`Connection::query_one`], until `deadline`.
    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
        deadline: Instant,
    ) -> Result<Option<QueryResult>, sqlx::Error> {
        let keyword = keyword(&statement.sql);
        let outcome = timeout_at(deadline, self.begin_use().query_one(statement)).await;
        self.end_use(keyword, outcome)
    }

    /// Like [`Connection::query_all`], until `deadline`.
    pub(super) async fn query_all(
        &mut self,
        statement: Statement,
        deadline: Instant,
    ) -> Result<Vec<QueryResult>, sqlx::Error> {
        let keyword = keyword(&statement.sql);
        let outcome = timeout_at(deadline, self.begin_use().query_all(statement)).await;
        self.end_use(keyword, outcome)
    }

    /// Whether no operation is running on it, as far as known.
    pub(super) const fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Closes the connection on drop.
    pub(super) const fn discard(&mut self) {
        self.is_settled = false;
    }

    /// Marks the connection as unfinished until [`Checkout::end_use`], because the caller may drop the future at any
    /// point.
    fn begin_use(&mut self) -> &mut Connection {
        self.is_settled = false;
        self.began = Instant::now();
        self.lent.as_mut().expect("a connection is lent until it is dropped")
    }

    fn end_use<T>(
        &mut self,
        keyword: &'static str,
        outcome: Result<Result<T, sqlx::Error>, Elapsed>,
    ) -> Result<T, sqlx::Error> {
        self.pool.durations.record(self.began.elapsed());
        let result = outcome.unwrap_or_else(|_| Err(self.pool.deadline_passed()));
        record(StepKind::Statement(keyword), self.began.into_std(), result.is_err());
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

/// The first keyword of a statement.
fn keyword(sql: &str) -> &'static str {
    const KNOWN: [&str; 8] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK"];
    KNOWN.into_iter().find(|known| sql.starts_with(known)).unwrap_or("OTHER")
}

/// Whether both ends still agree about the state of the connection.
fn leaves_connection_usable(error: &sqlx::Error) -> bool {
    match error {
        // A PostgreSQL server that shuts down sends an error of class 57P (operator intervention).
        sqlx::Error::Database(error) => !error.code().is_some_and(|code| code.len() == 5 && code.starts_with("57P")),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => false,
        _ => true,
    }
}

/// Each statement uses a connection of its own.
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

/// The sea-orm error of a statement that writes.
pub(super) fn execution_failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

/// The sea-orm error of a statement that reads.
pub(super) fn query_failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
