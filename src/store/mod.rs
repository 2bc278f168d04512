//! The database: one function per question asked of it, and nothing of how the answers are used.
//!
//! [`Store`] connects, migrates and opens write transactions; the modules beside it ask and change, a topic each. Reads take
//! the [`Store`] and cost one round trip. Writes take a [`Tx`], so that what belongs together is committed together. Who may
//! ask is not decided here. sea-orm stays below this floor: no entity, no SQL and no driver's error leaves it.

mod connection;
mod connector;
mod dialect;
mod entity;
mod error;
mod file;
mod migrate;
mod page;
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

use self::{connection::Connection, pool::Pool};
use crate::domain::overview::DatabaseKind;

pub use error::{Cause, Error};
pub use migrate::Schema;
pub use probe::Writable;
pub use reader::Reader;
pub use tx::Tx;

/// Which database, and how much of it.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite://path/to/file.db` (relative to the working directory; three slashes for an absolute path),
    /// `sqlite::memory:`, or `postgres://user:password@host/database`.
    pub url: String,
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
}

impl Store {
    /// Connects to the database, and makes the file of an SQLite database where it is missing. Tables are made by
    /// [`Store::migrate`].
    ///
    /// # Errors
    ///
    /// [`Error::Url`], [`Error::File`] and [`Error::Unavailable`].
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        if settings.url.starts_with("sqlite:") {
            let sqlite::Pools { reader, writer, anchor } = sqlite::connect(settings).await?;
            let anchor = anchor.map(|connection| Arc::new(Mutex::new(connection)));
            Ok(Self { kind: DatabaseKind::Sqlite, reader, writer, _anchor: anchor })
        } else if settings.url.starts_with("postgres://") || settings.url.starts_with("postgresql://") {
            let pool = postgres::connect(settings).await?;
            Ok(Self { kind: DatabaseKind::Postgres, reader: pool.clone(), writer: pool, _anchor: None })
        } else {
            Err(Error::Url("A database URL begins with `sqlite:` or `postgres://`."))
        }
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
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes the connections, once what uses them has finished. Every clone is closed with it.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}
