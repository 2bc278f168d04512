//! The database: one function per question asked of it, and nothing of how the answers are used.
//!
//! [`Store`] connects, migrates and opens write transactions; the modules beside it ask and change, a topic each. Reads take
//! the [`Store`] and cost one round trip. Writes take a [`Tx`], so that what belongs together is committed together. Who may
//! ask is not decided here. sea-orm stays below this floor: no entity, no SQL and no driver's error leaves it.

mod dialect;
mod entity;
mod error;
mod file;
mod migrate;
mod page;
mod postgres;
mod reader;
mod sqlite;
mod time;
mod tx;

pub mod access_tokens;
pub mod administrators;
pub mod attempts;
pub mod audit;
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

use std::{fmt, time::Duration};

use sea_orm::DatabaseConnection;

use crate::domain::overview::DatabaseKind;

pub use error::{Cause, Error};
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
    /// How long a request waits for a connection, a new one included, or for its turn to write, before it is refused with
    /// [`Error::Busy`].
    pub patience: Duration,
    /// How long PostgreSQL may work on one statement: a request that was given up must not go on there. SQLite's statements
    /// are bounded by what they ask, a page or a row.
    pub statement_timeout: Duration,
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
    reader: DatabaseConnection,
    writer: DatabaseConnection,
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
            let (reader, writer) = sqlite::connect(settings).await?;
            Ok(Self { kind: DatabaseKind::Sqlite, reader, writer })
        } else if settings.url.starts_with("postgres://") || settings.url.starts_with("postgresql://") {
            let pool = postgres::connect(settings).await?;
            Ok(Self { kind: DatabaseKind::Postgres, reader: pool.clone(), writer: pool })
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
        Ok(self.reader.ping().await?)
    }

    /// Closes the connections, once what uses them has finished. Every clone is closed with it.
    ///
    /// # Errors
    ///
    /// Where the database does not let go.
    pub async fn close(&self) -> Result<(), Error> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
}
