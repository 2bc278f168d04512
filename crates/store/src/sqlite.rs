//! Connects to SQLite: one writing connection, several reading ones, and a file with access for its owner only.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use rustix::fs::{Access, access};
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

/// The time limit for opening the file while other processes use it.
const OPENING: Duration = Duration::from_secs(10);
/// The pause between attempts to switch to WAL. While another process writes, SQLite refuses the switch at once and
/// does not wait as for other locks.
const RETRY: Duration = Duration::from_millis(20);

/// Overwrites deleted data, so that personal data does not remain in free pages of the file.
const SECURE_DELETE: &str = "ON";

/// The connections of an SQLite database.
pub(super) struct Pools {
    /// The reading connections.
    pub(super) reader: Pool,
    /// The writing connection; in memory, also the reading one.
    pub(super) writer: Pool,
    /// Keeps a database in memory alive, which is deleted with its last connection.
    pub(super) anchor: Option<Connection>,
    /// The open files, if the database is in files.
    pub(super) file: Option<Arc<DatabaseFile>>,
}

/// Opens a database in memory, with one connection that reads and writes.
pub(super) async fn connect_in_memory(settings: &Settings) -> Result<Pools, Error> {
    let target = Target::Sqlite(Box::new(options(SqliteConnectOptions::from_str("sqlite::memory:")?, settings)), None);
    let only = Pool::new(target.clone(), 1, settings.deadline);
    Ok(Pools { reader: only.clone(), writer: only, anchor: Some(target.connect().await?), file: None })
}

/// Opens the database in the file at `path`.
pub(super) async fn connect(path: &Path, missing: Missing, settings: &Settings) -> Result<Pools, Error> {
    let real = file::prepare(path, missing)?;
    let id = FileId::at(path).map_err(Error::File)?;
    let target = |options| Target::Sqlite(Box::new(options), Some((real.clone(), id)));
    // Absolute, so that SQLite does not parse a name such as `file:x` as a URI.
    let base = options(SqliteConnectOptions::new().filename(&real), settings);
    // First, because it switches the file to WAL, which the readers need.
    let writer = base.clone().journal_mode(SqliteJournalMode::Wal).pragma("secure_delete", SECURE_DELETE);
    let writer = Pool::new(target(writer), 1, settings.deadline);
    open(&writer).await?;
    let file = DatabaseFile::hold(path, &real, id, &base).await?;
    let reader =
        Pool::new(target(base.pragma("query_only", "ON")), settings.max_connections as usize, settings.deadline);
    Ok(Pools { reader, writer, anchor: None, file: Some(Arc::new(file)) })
}

fn options(base: SqliteConnectOptions, settings: &Settings) -> SqliteConnectOptions {
    // A large sort needs files, or much memory where none can be made.
    let temporary = if has_temporary_directory() { "FILE" } else { "MEMORY" };
    base.foreign_keys(true)
        .pragma("temp_store", temporary)
        // Less than the deadline, so that SQLite reports a busy database itself, and the connection survives.
        .busy_timeout(settings.deadline.mul_f32(0.8))
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

/// Whether SQLite finds a directory for temporary files. A container may have none.
fn has_temporary_directory() -> bool {
    let named = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().filter_map(std::env::var_os).map(PathBuf::from);
    let usual = ["/var/tmp", "/usr/tmp", "/tmp", "."].map(PathBuf::from);
    named
        .chain(usual)
        .any(|directory| directory.is_dir() && access(&directory, Access::WRITE_OK | Access::EXEC_OK).is_ok())
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
