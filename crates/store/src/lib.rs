//! The database: one function for each question to it, and nothing of how the answers are used. For the use cases in
//! `fieldguard-accounts`, on SQLite and PostgreSQL.
//!
//! [`Store`] connects, migrates and opens write transactions; the modules beside it ask and change, a topic each. Reads take the
//! [`Store`] and cost one round trip. Writes take a [`Tx`], so that what belongs together is committed together. sea-orm stays
//! below this layer: no entity, no SQL and no driver's error leaves it.
//!
//! ```
//! use std::time::Duration;
//!
//! use fieldguard_store::{Location, Settings, Store, secrets};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), fieldguard_store::Error> {
//! let settings = Settings { location: Location::Memory, max_connections: 1, deadline: Duration::from_secs(5) };
//! let store = Store::connect(&settings).await?;
//! store.migrate().await?;
//! let first = secrets::get_or_create(&store, "example", || vec![1, 2, 3]).await?;
//! let again = secrets::get_or_create(&store, "example", || vec![4, 5, 6]).await?;
//! assert_eq!(first, again, "a secret is made once");
//! # Ok(())
//! # }
//! ```
//!
//! What it does not do: it decides neither who may ask nor what is valid.

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
mod sqlite;
mod time;
mod transaction;
mod tx;

pub mod access_tokens;
pub mod administrators;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod deployment;
pub mod known_addresses;
pub mod password_resets;
pub mod presence;
pub mod principals;
pub mod roles;
pub mod secrets;
pub mod security_events;
pub mod sessions;
pub mod signing_keys;
pub mod users;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::ConnectionTrait;

use self::{connection::Connection, database_file::DatabaseFile, file::Missing, pool::Pool};
use fieldguard_domain::overview::DatabaseKind;

pub use cause::{Cause, in_words};
pub use database_file::Displacement;
pub use error::Error;
pub use location::Location;
pub use migrate::Schema;
pub use probe::Writable;
pub use reader::Reader;
pub use tx::Tx;

/// Which database, and how much of it.
#[derive(Clone)]
pub struct Settings {
    /// Where it is.
    pub location: Location,
    /// How many connections are opened at most; on SQLite, how many besides the single one that writes.
    pub max_connections: u32,
    /// How long one use of the database may take, waiting for a connection or for the turn to write included. After it the use
    /// fails with [`Error::Busy`] or [`Error::Unavailable`], and a connection that did not answer is closed. While the database
    /// does not answer at all, uses fail sooner.
    pub deadline: Duration,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// A database, connected to. Clones share the connections.
///
/// `sqlite::memory:` has a single connection, which reads and writes share: a read while a [`Tx`] is open waits for it.
#[derive(Debug, Clone)]
pub struct Store {
    kind: DatabaseKind,
    reader: Pool,
    writer: Pool,
    /// See [`sqlite::Pools`].
    _anchor: Option<Arc<Mutex<Connection>>>,
    /// The files of an SQLite database.
    file: Option<Arc<DatabaseFile>>,
}

impl Store {
    /// Connects to the database, and creates the file of an SQLite database where it is missing. [`Store::migrate`] creates
    /// the tables.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::Url`] and [`Error::Unavailable`]; [`Location::cannot_open`] has the words for them.
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        Box::pin(Self::open(settings, Missing::Create)).await
    }

    /// As [`Store::connect`], but creates nothing.
    ///
    /// # Errors
    ///
    /// As [`Store::connect`], and [`Error::Missing`] where there is no file, or no table of Fieldguard in the database.
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
                let kind = DatabaseKind::Postgres;
                return Ok(Self { kind, reader: pool.clone(), writer: pool, _anchor: None, file: None });
            }
        };
        let sqlite::Pools { reader, writer, anchor, file } = pools;
        let anchor = anchor.map(|connection| Arc::new(Mutex::new(connection)));
        Ok(Self { kind: DatabaseKind::Sqlite, reader, writer, _anchor: anchor, file })
    }

    /// Which database it is.
    #[must_use]
    pub const fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// Where it gives none.
    pub async fn ping(&self) -> Result<(), Error> {
        self.check_file()?;
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Whether the files of an SQLite database are still at their paths. Writes fail while they are not.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where they are not.
    pub fn check_file(&self) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// The file of an SQLite database that is no longer at its path, for the operator.
    #[must_use]
    pub fn displacement(&self) -> Option<Displacement> {
        self.file.as_ref()?.displacement()
    }

    /// Closes the connections, once what uses them has finished. Every clone is closed with it.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
        // Last, so that SQLite deletes its log with it.
        if let Some(file) = &self.file {
            file.release().await;
        }
    }
}
