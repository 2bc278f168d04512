//! Write transactions.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{Cause, Error, Store, audit, database_file::DatabaseFile, time, transaction::Transaction};
use crate::dialect::Dialect;
use fieldguard_domain::{audit::Entry, overview::DatabaseKind};

/// A write transaction. What is not committed is rolled back when it is dropped. After a statement that failed, all others
/// fail, the commit included.
pub struct Tx {
    kind: DatabaseKind,
    inner: Transaction,
    /// What is to be added to the audit trail with the commit.
    notes: Mutex<Vec<Entry>>,
    /// The files that the transaction writes to.
    file: Option<Arc<DatabaseFile>>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("kind", &self.kind).finish_non_exhaustive()
    }
}

async fn database_time(kind: DatabaseKind, connection: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, Error> {
    if kind == DatabaseKind::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS millis";
    let row = connection.query_one_raw(kind.statement(sql, [])).await?.ok_or_else(Cause::unreadable)?;
    Ok(Some(time::from_millis(row.try_get("", "millis")?)))
}

impl Store {
    /// As [`Tx::database_time`], outside of a transaction.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn database_time(&self) -> Result<Option<DateTime<Utc>>, Error> {
        database_time(self.kind, &self.reader).await
    }

    /// Begins a write transaction. On SQLite there is one at a time, and it waits for its turn here: it is IMMEDIATE, since
    /// a transaction that reads first and writes later fails at once where another wrote in between.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] where the turn does not come in time, [`Error::Unavailable`] where the database cannot be reached.
    pub async fn write(&self) -> Result<Tx, Error> {
        self.check_file()?;
        let begin = match self.kind {
            DatabaseKind::Sqlite => "BEGIN IMMEDIATE",
            DatabaseKind::Postgres => "BEGIN",
        };
        let inner = Transaction::begin(&self.writer, begin).await?;
        Ok(Tx { file: self.file.clone(), ..Tx::new(self.kind, inner) })
    }

    /// Begins a transaction that only reads, and sees the database as it is now however long it takes.
    pub(super) async fn snapshot(&self) -> Result<Tx, Error> {
        let begin = match self.kind {
            DatabaseKind::Sqlite => "BEGIN",
            DatabaseKind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(Tx::new(self.kind, Transaction::begin(&self.reader, begin).await?))
    }
}

impl Tx {
    const fn new(kind: DatabaseKind, inner: Transaction) -> Self {
        Self { kind, inner, notes: Mutex::new(Vec::new()), file: None }
    }

    /// Adds this to the audit trail, in this transaction: it is there if and only if everything else is. It is written with
    /// the commit, since writers of the trail line up, and nobody is to wait for what else a transaction does.
    pub fn note(&self, entry: Entry) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Makes everything done in it last.
    ///
    /// # Errors
    ///
    /// [`Error::Uncertain`] where the database did not confirm it and the changes may last. After any other error nothing
    /// lasts.
    pub async fn commit(self) -> Result<(), Error> {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        if !notes.is_empty() {
            audit::append(&self, &notes).await?;
        }
        self.inner.commit().await?;
        // What was written to files that are gone from their paths is lost when the process ends.
        self.file.map_or(Ok(()), |file| file.check().map_err(Error::of_commit))
    }

    /// Waits until no other transaction holds the lock of that number, and holds it until this one ends. On SQLite the
    /// transaction itself is that lock.
    pub(super) async fn lock(&self, number: i64) -> Result<(), Error> {
        if self.kind == DatabaseKind::Postgres {
            let lock = self.kind.statement("SELECT pg_advisory_xact_lock($1)", [number.into()]);
            self.inner.execute_raw(lock).await?;
        }
        Ok(())
    }

    /// What the clock of the database shows, where that is another machine's. On SQLite it is this process's own.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn database_time(&self) -> Result<Option<DateTime<Utc>>, Error> {
        database_time(self.kind, &self.inner).await
    }

    pub(super) const fn kind(&self) -> DatabaseKind {
        self.kind
    }

    pub(super) const fn connection(&self) -> &Transaction {
        &self.inner
    }
}
