//! Write transactions.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};

use super::{
    Cause, Error, Store,
    audit::{self, Observer},
    database_file::DatabaseFile,
    mails::PendingSignal,
    time,
    transaction::{Transaction, run_whole},
    webhook_events::{self, Outbox},
};
use crate::dialect::Dialect;
use fieldguard_domain::{audit::Entry, overview::DatabaseType};

/// A write transaction. Drop rolls it back unless it was committed. After a failed statement, all others fail,
/// including the commit.
pub struct Tx {
    kind: DatabaseType,
    inner: Transaction,
    /// The entries to append to the audit log on commit.
    notes: Mutex<Vec<Entry>>,
    /// The files that the transaction writes to.
    file: Option<Arc<DatabaseFile>>,
    observer: Observer,
    /// The webhook events to record on commit.
    outbox: Option<Arc<Outbox>>,
    mail_signal: PendingSignal,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("kind", &self.kind).finish_non_exhaustive()
    }
}

async fn database_time(kind: DatabaseType, connection: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, Error> {
    if kind == DatabaseType::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS millis";
    let row = connection.query_one_raw(kind.statement(sql, [])).await?.ok_or_else(Cause::unreadable)?;
    Ok(Some(time::from_millis(row.try_get("", "millis")?)))
}

impl Store {
    /// Like [`Tx::database_time`], outside of a transaction.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn database_time(&self) -> Result<Option<DateTime<Utc>>, Error> {
        database_time(self.kind, &self.reader).await
    }

    /// Begins a write transaction. On SQLite only one can be open, and this waits for its turn: the transaction is
    /// IMMEDIATE, because one that reads first and writes later fails if another wrote in between.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if the turn does not come in time, [`Error::Unavailable`] if the database cannot be reached.
    pub async fn write(&self) -> Result<Tx, Error> {
        self.check_file()?;
        let begin = match self.kind {
            DatabaseType::Sqlite => "BEGIN IMMEDIATE",
            DatabaseType::Postgres => "BEGIN",
        };
        let inner = Transaction::begin(&self.writer, begin).await?;
        let (file, observer, outbox) = (self.file.clone(), self.observer.clone(), self.outbox.clone());
        Ok(Tx { file, observer, outbox, mail_signal: self.mail_signal.pending(), ..Tx::new(self.kind, inner) })
    }

    /// Runs a statement that is a whole transaction. Returns whether it returned rows.
    ///
    /// # Errors
    ///
    /// As [`Tx::commit`].
    pub(super) async fn write_at_once(&self, statement: Statement) -> Result<bool, Error> {
        self.check_file()?;
        let rows = run_whole(&self.writer, statement).await?;
        self.check_file().map_err(Error::of_commit)?;
        Ok(!rows.is_empty())
    }

    /// Begins a read-only transaction that sees the database as it is now, for its whole duration.
    pub(super) async fn snapshot(&self) -> Result<Tx, Error> {
        let begin = match self.kind {
            DatabaseType::Sqlite => "BEGIN",
            DatabaseType::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(Tx::new(self.kind, Transaction::begin(&self.reader, begin).await?))
    }
}

impl Tx {
    fn new(kind: DatabaseType, inner: Transaction) -> Self {
        let (notes, mail_signal) = (Mutex::new(Vec::new()), PendingSignal::default());
        Self { kind, inner, notes, file: None, observer: Observer::default(), outbox: None, mail_signal }
    }

    /// Adds an entry to the audit log in this transaction, so that it is stored if and only if all other changes are. The
    /// same holds for the webhook event that follows from it.
    /// It is written with the commit: writers of the audit log are serialized, and none should wait for the other work
    /// of a transaction.
    pub fn note(&self, entry: Entry) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Commits all changes of the transaction.
    ///
    /// # Errors
    ///
    /// [`Error::Uncertain`] if the database did not confirm and the changes may be stored. After any other error
    /// nothing is stored.
    pub async fn commit(self) -> Result<(), Error> {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        let has_recorded = !notes.is_empty() && self.append(&notes).await?;
        let committed = self.inner.commit().await;
        if let (true, Some(outbox)) = (has_recorded, &self.outbox) {
            outbox.recorded.notify_one();
        }
        self.mail_signal.send();
        committed?;
        // Writes to files that are no longer at their paths are lost when the process ends.
        self.file.map_or(Ok(()), |file| file.check().map_err(Error::of_commit))?;
        self.observer.show(&notes);
        Ok(())
    }

    /// Appends the entries to the audit log, and records the webhook events that follow from them. Returns whether there
    /// are any.
    async fn append(&self, notes: &[Entry]) -> Result<bool, Error> {
        let Some(outbox) = &self.outbox else {
            audit::append(self, notes).await?;
            return Ok(false);
        };
        let events = webhook_events::prepare(self, &outbox.types, notes).await?;
        let (_, head) = audit::append(self, notes).await?;
        webhook_events::insert(self, &events, head.first_of(notes.len())).await?;
        Ok(!events.is_empty())
    }

    /// Waits for the advisory lock `number` and holds it until the transaction ends. On SQLite the transaction itself
    /// is that lock.
    pub(super) async fn lock(&self, number: i64) -> Result<(), Error> {
        if self.kind == DatabaseType::Postgres {
            let lock = self.kind.statement("SELECT pg_advisory_xact_lock($1)", [number.into()]);
            self.inner.execute_raw(lock).await?;
        }
        Ok(())
    }

    /// The clock of the database, if it runs on another machine. `None` on SQLite, which uses the clock of this
    /// process.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn database_time(&self) -> Result<Option<DateTime<Utc>>, Error> {
        database_time(self.kind, &self.inner).await
    }

    pub(super) const fn mail_signal(&self) -> &PendingSignal {
        &self.mail_signal
    }

    pub(super) const fn kind(&self) -> DatabaseType {
        self.kind
    }

    pub(super) const fn connection(&self) -> &Transaction {
        &self.inner
    }
}
