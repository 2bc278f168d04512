//! Tells other processes that a server runs on an SQLite file: a lock on a file beside it, which the system lets go of when
//! the server ends, however it ends. Nothing depends on it; it is for a word to the operator.
//!
//! The database file itself cannot carry it: closing another handle on that would take SQLite's own locks away.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::Duration,
};

use super::sqlite;

/// How often a server tries for the lock, which somebody who looks for servers holds for a moment.
const TRIES: u32 = 50;
/// How long it waits in between.
const RETRY: Duration = Duration::from_millis(10);

/// A server that is known to run, for as long as this is kept.
#[derive(Debug)]
pub struct Presence(#[expect(dead_code, reason = "it is kept for its lock")] File);

/// Tells it for the database at `url`; not for one in memory or on PostgreSQL, which have their own ways to be shared.
///
/// # Errors
///
/// Where the file cannot be made or locked.
pub async fn announce(url: &str) -> io::Result<Option<Presence>> {
    let Some(path) = path(url) else { return Ok(None) };
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    for _ in 0..TRIES {
        match file.try_lock_shared() {
            Ok(()) => return Ok(Some(Presence(file))),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(RETRY).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// Does a server run on the database at `url`? Where that cannot be known, the answer is no.
#[must_use]
pub fn is_announced(url: &str) -> bool {
    let file = path(url).and_then(|path| File::open(path).ok());
    file.is_some_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn path(url: &str) -> Option<PathBuf> {
    let database = url.starts_with("sqlite:").then(|| sqlite::database(url).ok()).flatten()?;
    (database != ":memory:").then(|| PathBuf::from(format!("{database}.lock")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn is_seen_as_long_as_it_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/a.db", home.path().display());
        assert!(!is_announced(&url));
        let one = announce(&url).await.unwrap();
        let other = announce(&url).await.unwrap();
        assert!(is_announced(&url));
        drop(one);
        assert!(is_announced(&url), "two servers may run");
        drop(other);
        assert!(!is_announced(&url));
        for shared in ["postgres://127.0.0.1/x", "sqlite::memory:"] {
            assert!(announce(shared).await.unwrap().is_none() && !is_announced(shared), "{shared}");
        }
    }
}
