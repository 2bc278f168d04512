//! One server per SQLite database: the server locks a file beside the database. The system releases the lock when the
//! process ends, in any way. The process id in the file is only for messages.
//!
//! Two servers would not learn of each other's changes: one would accept for a second what the other has revoked.
//! Commands run beside a server and hold no lock.
//!
//! The database file itself cannot be locked: closing another handle on it would release SQLite's own locks.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Location, cause::in_words, database_file::FileId, file};

/// The number of attempts to take a lock that another process holds. Commands that look for a server hold it briefly.
const TRIES: u32 = 50;
/// The pause between two attempts.
const RETRY: Duration = Duration::from_millis(10);

/// The lock of this process as the server of a database. Drop releases it.
#[derive(Debug)]
pub struct Presence {
    database: PathBuf,
    path: PathBuf,
    lock: File,
}

/// A running server of the database, in another process or in this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningServer {
    /// The process id, if the server has written it. In another container it identifies a different process.
    pub process: Option<u32>,
}

/// Why this process cannot be the server of the database. `Display` contains paths and is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another server runs on the database.
    #[error("another server {server} uses {}; stop it first", .database.display())]
    Taken {
        /// The database file.
        database: PathBuf,
        /// The other server.
        server: RunningServer,
    },
    /// The lock file cannot be used.
    #[error("cannot lock {}: {}", .path.display(), in_words(.error))]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

/// Makes this process the server of the database. Does nothing for PostgreSQL and for databases in memory.
///
/// # Errors
///
/// [`Error::Taken`] if another server runs on it.
pub async fn acquire(location: &Location) -> Result<Option<Presence>, Error> {
    let Some(database) = location.path() else { return Ok(None) };
    let path = lock_path(database);
    let failed = |error| Error::Io { path: path.clone(), error };
    for _ in 0..TRIES {
        match try_lock(&path).map_err(failed)? {
            Some(lock) => return Ok(Some(Presence { database: database.to_owned(), path, lock })),
            None => tokio::time::sleep(RETRY).await,
        }
    }
    let server = running_server(location).unwrap_or(RunningServer { process: None });
    Err(Error::Taken { database: database.to_owned(), server })
}

/// The running server of the database, if one is found. `None` also if this cannot be determined.
#[must_use]
pub fn running_server(location: &Location) -> Option<RunningServer> {
    let mut file = File::open(lock_path(location.path()?)).ok()?;
    // A shared lock, so that commands do not mistake each other for a server.
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    let mut process = String::new();
    let _ = file.read_to_string(&mut process);
    Some(RunningServer { process: process.trim().parse().ok() })
}

impl Presence {
    /// Takes the lock again if its file was deleted or replaced, because another server could not see the old lock.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] if another server has taken it.
    pub fn renew(&mut self) -> Result<(), Error> {
        let path = self.path.clone();
        let failed = |error| Error::Io { path: path.clone(), error };
        if is_at(&self.lock, &self.path).map_err(failed)? {
            return Ok(());
        }
        if let Some(lock) = try_lock(&self.path).map_err(failed)? {
            self.lock = lock;
            return Ok(());
        }
        let server = running_server(&Location::file(&self.database)).unwrap_or(RunningServer { process: None });
        Err(Error::Taken { database: self.database.clone(), server })
    }
}

impl fmt::Display for RunningServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process {
            Some(process) => write!(f, "(process {process})"),
            None => f.write_str("(process unknown)"),
        }
    }
}

/// The path of the lock file, the same for every spelling of the database's path and through every symbolic link.
fn lock_path(database: &Path) -> PathBuf {
    let real = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    file::beside(&real, ".lock")
}

/// The locked file. `None` if another process holds the lock.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    // If the file was deleted between opening and locking, the next server would lock another file.
    if !is_at(&file, path)? {
        return Ok(None);
    }
    // The lock is valid without the process id, which a full disk may refuse.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Some(file))
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let id = FileId::of(&file.metadata()?);
    match FileId::at(path) {
        Ok(found) => Ok(found == id),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, Location) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.db");
        fs::write(&path, "").unwrap();
        (home, Location::file(path))
    }

    #[tokio::test]
    async fn one_server_holds_the_database() {
        let (home, location) = database();
        assert_eq!(running_server(&location), None);
        let held = acquire(&location).await.unwrap();
        let this = RunningServer { process: Some(std::process::id()) };
        assert_eq!(running_server(&location), Some(this));
        let refused = acquire(&location).await.unwrap_err();
        let expected = format!(
            "another server (process {}) uses {}; stop it first",
            std::process::id(),
            home.path().join("a.db").display()
        );
        assert_eq!(refused.to_string(), expected);
        drop(held);
        assert_eq!(running_server(&location), None, "the process id in the file is not trusted");
        assert!(acquire(&location).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn other_spellings_and_links_are_the_same_database() {
        let (home, location) = database();
        let _held = acquire(&location).await.unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path(), &link).unwrap();
        std::os::unix::fs::symlink(home.path().join("a.db"), home.path().join("b.db")).unwrap();
        for path in [home.path().join("./a.db"), link.join("a.db"), link.join("link/a.db"), home.path().join("b.db")] {
            assert!(running_server(&Location::file(&path)).is_some(), "{}", path.display());
        }
    }

    #[tokio::test]
    async fn a_deleted_lock_file_is_created_again() {
        let (home, location) = database();
        let mut held = acquire(&location).await.unwrap().unwrap();
        fs::remove_file(home.path().join("a.db.lock")).unwrap();
        assert_eq!(running_server(&location), None);
        held.renew().unwrap();
        assert!(running_server(&location).is_some());
        fs::remove_file(home.path().join("a.db.lock")).unwrap();
        let _other = acquire(&location).await.unwrap();
        assert!(matches!(held.renew(), Err(Error::Taken { .. })));
    }

    #[tokio::test]
    async fn other_databases_need_no_lock() {
        for url in ["postgres://127.0.0.1/x", "sqlite::memory:"] {
            let location = url.parse().unwrap();
            assert!(acquire(&location).await.unwrap().is_none() && running_server(&location).is_none(), "{url}");
        }
    }
}
