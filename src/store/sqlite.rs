//! Connects to SQLite: one connection that writes, several that read, a file that nobody else can read.

use std::{path::Path, time::Duration};

use sea_orm::{
    DatabaseConnection, SqlxSqliteConnector,
    sqlx::{
        self, ConnectOptions as _, SqlitePool,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use tokio::time::Instant;

use super::{Error, Settings, file};

/// How long it may take to open the file, where other processes are at work on it.
const OPENING: Duration = Duration::from_secs(10);
/// How often the change to WAL is tried: SQLite refuses it at once while another process writes, and does not wait as it
/// does for other locks.
const RETRY: Duration = Duration::from_millis(20);

/// What was deleted of a person must not stay in the file, in pages that are free.
const SECURE_DELETE: &str = "ON";

/// The connections to read with and the one to write with. In memory, they are the same one.
pub(super) async fn connect(settings: &Settings) -> Result<(DatabaseConnection, DatabaseConnection), Error> {
    let database = database(&settings.url)?;
    let base = SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(settings.patience)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    if database == ":memory:" {
        let only = pool(1, settings).connect_with(base.in_memory(true)).await?;
        let only = SqlxSqliteConnector::from_sqlx_sqlite_pool(only);
        return Ok((only.clone(), only));
    }
    let path = Path::new(database);
    file::make_private(path).map_err(Error::File)?;
    let base = base.filename(path);
    // First, since it brings the file to WAL, which the readers then find.
    let writer = base.clone().journal_mode(SqliteJournalMode::Wal).pragma("secure_delete", SECURE_DELETE);
    let writer = open_writer(writer, settings).await?;
    let reader = pool(settings.max_connections.max(1), settings).connect_with(base.pragma("query_only", "ON")).await?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(reader), SqlxSqliteConnector::from_sqlx_sqlite_pool(writer)))
}

/// The path in the URL, or `:memory:`.
pub(super) fn database(url: &str) -> Result<&str, Error> {
    let rest = url.strip_prefix("sqlite:").unwrap_or(url);
    let database = rest.strip_prefix("//").unwrap_or(rest);
    if database.is_empty() {
        Err(Error::Url("The SQLite URL names no file, as in `sqlite://data/fieldguard.db`."))
    } else if database.contains('?') || database.starts_with("file:") {
        Err(Error::Url("The SQLite URL takes a path and no parameters, as in `sqlite://data/fieldguard.db`."))
    } else {
        Ok(database)
    }
}

async fn open_writer(options: SqliteConnectOptions, settings: &Settings) -> Result<SqlitePool, Error> {
    let deadline = Instant::now() + OPENING;
    loop {
        match pool(1, settings).connect_with(options.clone()).await.map_err(Error::from) {
            Err(Error::Busy(_) | Error::Unavailable(_)) if Instant::now() < deadline => tokio::time::sleep(RETRY).await,
            result => return result,
        }
    }
}

/// Connections are never closed for age: they do not go stale, and with the last one a database in memory is gone.
fn pool(size: u32, settings: &Settings) -> SqlitePoolOptions {
    sqlx::pool::PoolOptions::new()
        .max_connections(size)
        .min_connections(1)
        .acquire_timeout(settings.patience)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_file_in_the_url() {
        for (url, path) in [
            ("sqlite://data/fieldguard.db", "data/fieldguard.db"),
            ("sqlite:///var/lib/fieldguard.db", "/var/lib/fieldguard.db"),
            ("sqlite:fieldguard.db", "fieldguard.db"),
            ("sqlite::memory:", ":memory:"),
            ("sqlite://:memory:", ":memory:"),
        ] {
            assert_eq!(database(url).unwrap(), path, "{url}");
        }
        for url in ["sqlite:", "sqlite://", "sqlite://a.db?mode=ro", "sqlite:file:a.db"] {
            assert!(matches!(database(url), Err(Error::Url(_))), "{url}");
        }
    }
}
