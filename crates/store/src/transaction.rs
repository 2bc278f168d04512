//! A transaction on one connection. The database decides whether it is open; see [`super::connection`].

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, sqlx};
use tokio::{
    runtime::Handle,
    sync::{Mutex, MutexGuard},
};

use super::{
    Error,
    pool::{Checkout, Pool, execution_failed, query_failed},
};

/// The error of all statements after one of the transaction failed.
const FAILED: &str = "an earlier statement of this transaction failed";

/// An open transaction. Drop rolls it back unless it was committed.
pub struct Transaction {
    backend: DbBackend,
    pool: Pool,
    /// `None` after the end of the transaction.
    connection: Mutex<Option<Checkout>>,
    /// After a failed statement, SQLite may have rolled back, and each later statement would be committed by itself.
    /// PostgreSQL refuses later statements, but confirms a COMMIT without storing anything.
    has_failed: AtomicBool,
}

impl Transaction {
    /// Begins a transaction with the statement `begin`.
    pub(super) async fn begin(pool: &Pool, begin: &str) -> Result<Self, sqlx::Error> {
        let deadline = pool.deadline();
        let mut connection = pool.checkout().await?;
        // It fails inside a transaction, which must not be used again.
        connection.execute_unprepared(begin, deadline).await.inspect_err(|_| connection.discard())?;
        Ok(Self {
            backend: pool.get_database_backend(),
            pool: pool.clone(),
            connection: Mutex::new(Some(connection)),
            has_failed: AtomicBool::new(false),
        })
    }

    /// Commits the transaction. If that fails, it is rolled back, unless the error is [`Error::Uncertain`].
    pub(super) async fn commit(self) -> Result<(), Error> {
        let mut lock = self.lock().await?;
        let committed = open_connection(&mut lock)?.execute_unprepared("COMMIT", self.pool.deadline()).await;
        self.end_use(committed).map_err(Error::of_commit)?;
        // The transaction has ended: dropping the rest must not roll back the next one on this connection.
        drop(lock.take());
        Ok(())
    }

    async fn lock(&self) -> Result<MutexGuard<'_, Option<Checkout>>, sqlx::Error> {
        let connection = self.connection.lock().await;
        if self.has_failed.load(Ordering::Relaxed) { Err(has_failed()) } else { Ok(connection) }
    }

    fn end_use<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Err(error) = &result {
            self.has_failed.store(true, Ordering::Relaxed);
            if is_disk_error(error) {
                self.pool.note_write(true);
            }
        }
        result
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.get_mut().take().filter(Checkout::is_settled) else { return };
        let deadline = self.pool.deadline();
        let roll_back = async move {
            // A connection without anything to roll back is in an unexpected state.
            if connection.execute_unprepared("ROLLBACK", deadline).await.is_err() {
                connection.discard();
            }
        };
        // Without a runtime the connection is dropped during use, and therefore closed.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(roll_back);
        }
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut lock = self.lock().await.map_err(execution_failed)?;
        let connection = open_connection(&mut lock).map_err(execution_failed)?;
        self.end_use(connection.execute(statement, self.pool.deadline()).await).map_err(execution_failed)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut lock = self.lock().await.map_err(execution_failed)?;
        let connection = open_connection(&mut lock).map_err(execution_failed)?;
        self.end_use(connection.execute_unprepared(sql, self.pool.deadline()).await).map_err(execution_failed)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut lock = self.lock().await.map_err(query_failed)?;
        let connection = open_connection(&mut lock).map_err(query_failed)?;
        self.end_use(connection.query_one(statement, self.pool.deadline()).await).map_err(query_failed)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut lock = self.lock().await.map_err(query_failed)?;
        let connection = open_connection(&mut lock).map_err(query_failed)?;
        self.end_use(connection.query_all(statement, self.pool.deadline()).await).map_err(query_failed)
    }
}

/// Runs a statement that is a whole transaction and returns its rows. If it fails, the transaction may still be open, so
/// the connection is closed, which rolls it back.
pub(super) async fn run_whole(pool: &Pool, statement: Statement) -> Result<Vec<QueryResult>, Error> {
    let deadline = pool.deadline();
    let mut connection = pool.checkout().await?;
    let result = connection.query_all(statement, deadline).await;
    if result.is_err() {
        connection.discard();
    }
    if result.as_ref().is_err_and(is_disk_error) {
        pool.note_write(true);
    }
    result.map_err(Error::of_commit)
}

fn open_connection(connection: &mut Option<Checkout>) -> Result<&mut Checkout, sqlx::Error> {
    connection.as_mut().ok_or_else(has_failed)
}

/// Whether SQLite reports that the file cannot be written: `SQLITE_READONLY` (8), `SQLITE_IOERR` (10), `SQLITE_FULL`
/// (13) and `SQLITE_CANTOPEN` (14), with their extended codes.
fn is_disk_error(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let number = code.filter(|code| code.len() < 5).and_then(|code| code.parse::<u32>().ok());
    number.is_some_and(|number| matches!(number & 0xff, 8 | 10 | 13 | 14))
}

fn has_failed() -> sqlx::Error {
    sqlx::Error::Protocol(FAILED.to_owned())
}
