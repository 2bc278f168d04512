//! Connects to SQLite: one connection that writes, several that read, a file that nobody else can read.

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use sea_orm::sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::Instant;

use super::{
    Error, Settings,
    connection::Connection,
    connector::Target,
    database_file::{DatabaseFile, FileId},
    file::{self, Missing},
    pool::Pool,
};

/// How long it may take to open the file, where other processes are at work on it.
const OPENING: Duration = Duration::from_secs(10);
/// How often the change to WAL is tried: SQLite refuses it at once while another process writes, and does not wait as it
/// does for other locks.
const RETRY: Duration = Duration::from_millis(20);

/// What was deleted of a person must not stay in the file, in pages that are free.
const SECURE_DELETE: &str = "ON";

/// The connections of an SQLite database.
pub(super) struct Pools {
    /// Those that read.
    pub(super) reader: Pool,
    /// The one that writes; in memory, the one that reads, too.
    pub(super) writer: Pool,
    /// Keeps a database in memory alive, which ends with its last connection.
    pub(super) anchor: Option<Connection>,
    /// The files they have open, where the database is in files.
    pub(super) file: Option<Arc<DatabaseFile>>,
}

/// A database in memory, with one connection that reads and writes.
pub(super) async fn connect_in_memory(settings: &Settings) -> Result<Pools, Error> {
    let target = Target::Sqlite(Box::new(options(SqliteConnectOptions::from_str("sqlite::memory:")?, settings)), None);
    let only = Pool::new(target.clone(), 1, settings.deadline);
    Ok(Pools { reader: only.clone(), writer: only, anchor: Some(target.connect().await?), file: None })
}

/// The database in the file at `path`.
pub(super) async fn connect(path: &Path, missing: Missing, settings: &Settings) -> Result<Pools, Error> {
    let real = file::prepare(path, missing)?;
    let id = FileId::at(path).map_err(Error::File)?;
    let target = |options| Target::Sqlite(Box::new(options), Some((real.clone(), id)));
    // Absolute, so that SQLite does not read a name such as `file:x` as a URI.
    let base = options(SqliteConnectOptions::new().filename(&real), settings);
    // First, since it brings the file to WAL, which the readers then find.
    let writer = base.clone().journal_mode(SqliteJournalMode::Wal).pragma("secure_delete", SECURE_DELETE);
    let writer = Pool::new(target(writer), 1, settings.deadline);
    open(&writer).await?;
    let file = DatabaseFile::hold(path, &real, id, &base).await?;
    let reader =
        Pool::new(target(base.pragma("query_only", "ON")), settings.max_connections as usize, settings.deadline);
    Ok(Pools { reader, writer, anchor: None, file: Some(Arc::new(file)) })
}

fn options(base: SqliteConnectOptions, settings: &Settings) -> SqliteConnectOptions {
    base.foreign_keys(true)
        // Less than the deadline: that another process is in the way is then said by SQLite, and the connection stays.
        .busy_timeout(settings.deadline.mul_f32(0.8))
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

async fn open(writer: &Pool) -> Result<(), Error> {
    let deadline = Instant::now() + OPENING;
    loop {
        match writer.checkout().await.map_err(Error::from) {
            Err(Error::Busy(_)) if Instant::now() < deadline => tokio::time::sleep(RETRY).await,
            result => return result.map(drop),
        }
    }
}
