//! Connects to SQLite: one connection that writes, several that read, a file that nobody else can read.

use std::{path::Path, str::FromStr, time::Duration};

use sea_orm::sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::Instant;

use super::{Error, Settings, connection::Connection, connector::Target, file, pool::Pool};

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
}

/// Opens the database.
pub(super) async fn connect(settings: &Settings) -> Result<Pools, Error> {
    let database = database(&settings.url)?;
    let base = |options: SqliteConnectOptions| {
        options
            .foreign_keys(true)
            // Less than the deadline: that another process is in the way is then said by SQLite, and the connection stays.
            .busy_timeout(settings.deadline.mul_f32(0.8))
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging()
    };
    if database == ":memory:" {
        let target = Target::Sqlite(Box::new(base(SqliteConnectOptions::from_str("sqlite::memory:")?)));
        let only = Pool::new(target.clone(), 1, settings.deadline);
        return Ok(Pools { reader: only.clone(), writer: only, anchor: Some(target.connect().await?) });
    }
    let path = Path::new(database);
    file::make_private(path).map_err(Error::File)?;
    let base = base(SqliteConnectOptions::new().filename(path));
    // First, since it brings the file to WAL, which the readers then find.
    let writer = base.clone().journal_mode(SqliteJournalMode::Wal).pragma("secure_delete", SECURE_DELETE);
    let writer = Pool::new(Target::Sqlite(Box::new(writer)), 1, settings.deadline);
    open(&writer).await?;
    let reader = Target::Sqlite(Box::new(base.pragma("query_only", "ON")));
    let reader = Pool::new(reader, settings.max_connections as usize, settings.deadline);
    Ok(Pools { reader, writer, anchor: None })
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

async fn open(writer: &Pool) -> Result<(), Error> {
    let deadline = Instant::now() + OPENING;
    loop {
        match writer.checkout().await.map_err(Error::from) {
            Err(Error::Busy(_)) if Instant::now() < deadline => tokio::time::sleep(RETRY).await,
            result => return result.map(drop),
        }
    }
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
