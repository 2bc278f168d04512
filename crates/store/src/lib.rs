//! The database: one function per query, independent of how callers use the results. The use cases in
//! `fieldguard-accounts` call this crate. It supports SQLite and PostgreSQL.
//!
//! [`Store`] connects, migrates and opens write transactions. Each further module reads and writes one topic. Reads
//! take the [`Store`] and cost one round trip. Writes take a [`Tx`], so that related changes are committed together.
//! sea-orm is private to this layer: no entity, SQL or driver error leaves it.
//!
//! ```
//! use std::time::Duration;
//!
//! use fieldguard_store::{Location, Pooling, Settings, Store, secrets};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), fieldguard_store::Error> {
//! let settings = Settings {
//!     location: Location::Memory,
//!     pooling: Pooling::Session,
//!     max_connections: 1,
//!     deadline: Duration::from_secs(5),
//! };
//! let store = Store::connect(&settings).await?;
//! store.migrate().await?;
//! let first = secrets::get_or_create(&store, "example", || vec![1, 2, 3]).await?;
//! let again = secrets::get_or_create(&store, "example", || vec![4, 5, 6]).await?;
//! assert_eq!(first, again, "a secret is created once");
//! # Ok(())
//! # }
//! ```
//!
//! What it does not do: check permissions or validate values.

mod cause;
mod connection;
mod connector;
mod database_file;
mod dialect;
mod entity;
mod error;
mod explain;
mod file;
mod location;
mod migrate;
mod page;
#[cfg(test)]
mod plans;
mod pool;
mod postgres;
mod probe;
mod reader;
mod server;
mod sqlite;
mod time;
mod transaction;
mod tx;

pub mod administrators;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod deployment;
pub mod email_codes;
pub mod known_addresses;
pub mod mails;
pub mod password_resets;
pub mod personal_access_tokens;
pub mod presence;
pub mod principals;
pub mod profiles;
pub mod roles;
pub mod second_factors;
pub mod secrets;
pub mod security_events;
pub mod sessions;
pub mod sign_in_challenges;
pub mod signing_keys;
pub mod users;
pub mod webhook_events;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::ConnectionTrait;

use self::{
    audit::Observer, connection::Connection, database_file::DatabaseFile, file::Missing, mails::MailSignal, pool::Pool,
    webhook_events::Outbox,
};
use fieldguard_domain::overview::DatabaseType;

pub use cause::{Cause, in_words};
pub use database_file::Displacement;
pub use error::Error;
pub use location::Location;
pub use migrate::Schema;
pub use pool::PoolUse;
pub use probe::Writable;
pub use reader::Reader;
pub use tx::Tx;

/// The database, and the limits on its use.
#[derive(Clone)]
pub struct Settings {
    /// The location of the database.
    pub location: Location,
    /// How a pooler in front of PostgreSQL assigns connections.
    pub pooling: Pooling,
    /// Maximum number of connections; on SQLite, in addition to the single writing connection.
    pub max_connections: u32,
    /// The time limit of one operation, including the wait for a connection or for the turn to write. Then the
    /// operation fails with [`Error::Busy`] or [`Error::Unavailable`], and an unresponsive connection is closed. While
    /// the database does not answer at all, operations fail sooner.
    pub deadline: Duration,
}

/// How a pooler in front of PostgreSQL, such as `PgBouncer`, assigns the server's connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pooling {
    /// For the whole session, as without a pooler.
    #[default]
    Session,
    /// For one transaction. Every statement then runs in a transaction, and takes three round trips if it is alone in
    /// it.
    Transaction,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// A connected database. Clones share the connections.
///
/// `sqlite::memory:` has a single connection for reads and writes: a read waits for an open [`Tx`].
#[derive(Debug, Clone)]
pub struct Store {
    kind: DatabaseType,
    reader: Pool,
    writer: Pool,
    /// See [`sqlite::Pools`].
    _anchor: Option<Arc<Mutex<Connection>>>,
    /// The files of an SQLite database.
    file: Option<Arc<DatabaseFile>>,
    observer: Observer,
    /// The webhook events that changes record. `None` for none.
    outbox: Option<Arc<Outbox>>,
    mail_signal: MailSignal,
}

impl Store {
    /// Connects to the database. Creates the file of an SQLite database if it is missing; [`Store::migrate`] creates
    /// the tables.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::Url`] and [`Error::Unavailable`]; [`Location::cannot_open`] describes them.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        Box::pin(Self::open(settings, Missing::Create)).await
    }

    /// Connects like [`Store::connect`], but creates nothing.
    ///
    /// # Errors
    ///
    /// As [`Store::connect`], and [`Error::Missing`] if there is no file, or no Fieldguard table in the database.
    pub async fn connect_existing(settings: &Settings) -> Result<Self, Error> {
        let store = Box::pin(Self::open(settings, Missing::Refuse)).await?;
        if store.is_migrated().await? {
            return Ok(store);
        }
        store.close().await;
        Err(Error::Missing)
    }

    async fn open(settings: &Settings, missing: Missing) -> Result<Self, Error> {
        let pools = match &settings.location {
            Location::Memory => sqlite::connect_in_memory(settings).await?,
            Location::File(path) => sqlite::connect(path, missing, settings).await?,
            Location::Postgres(url) => {
                let pool = postgres::connect(url, settings).await?;
                let kind = DatabaseType::Postgres;
                return Ok(Self {
                    kind,
                    reader: pool.clone(),
                    writer: pool,
                    _anchor: None,
                    file: None,
                    observer: Observer::default(),
                    outbox: None,
                    mail_signal: MailSignal::default(),
                });
            }
        };
        let sqlite::Pools { reader, writer, anchor, file } = pools;
        let anchor = anchor.map(|connection| Arc::new(Mutex::new(connection)));
        let (kind, observer) = (DatabaseType::Sqlite, Observer::default());
        let (outbox, mail_signal) = (None, MailSignal::default());
        Ok(Self { kind, reader, writer, _anchor: anchor, file, observer, outbox, mail_signal })
    }

    /// The type of the database.
    #[must_use]
    pub const fn kind(&self) -> DatabaseType {
        self.kind
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.check_file()?;
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Checks that the files of an SQLite database are still at their paths. Writes fail while they are not.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if they are not.
    pub fn check_file(&self) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// The file of an SQLite database that is no longer at its path, for the operator.
    #[must_use]
    pub fn displacement(&self) -> Option<Displacement> {
        self.file.as_ref()?.displacement()
    }

    /// Removes the content of deleted rows from SQLite's log, which otherwise keeps it until other changes overwrite
    /// it. Does nothing while another connection reads. PostgreSQL's log is the operator's: replicas and backups need
    /// it.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn clear_log(&self) -> Result<(), Error> {
        if self.file.is_some() {
            let mut connection = self.writer.target().connect().await?;
            // Without waiting: it would keep other changes waiting too.
            connection.execute_unprepared("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)").await?;
            connection.close().await?;
        }
        Ok(())
    }

    /// The use of the pools of reading and of writing connections. On PostgreSQL and in memory they are the same.
    #[must_use]
    pub fn pools(&self) -> [(&'static str, PoolUse); 2] {
        [("read", self.reader.usage()), ("write", self.writer.usage())]
    }

    /// Closes the connections of all clones, once running operations have finished.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
        // Last, so that SQLite then deletes its log.
        if let Some(file) = &self.file {
            file.release().await;
        }
    }
}
