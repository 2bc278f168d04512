//! One server for each SQLite database: a lock on a file beside the database, held by the server that runs on it. The system
//! releases the lock when the server's process ends, however it ends; the process id in the file is only for messages.
//!
//! Two servers would not hear of each other's changes: what one revokes, the other would go on accepting for a second. Commands
//! run beside a server and hold no lock.
//!
//! The database file itself cannot be locked: closing another handle on it would take SQLite's own locks away.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Location, cause::in_words, database_file::FileId, file};

/// How often a lock is tried that another process holds. Commands that look for a server hold it for a moment.
const TRIES: u32 = 50;
/// The pause between two tries.
const RETRY: Duration = Duration::from_millis(10);

/// The server of a database, for as long as this is kept.
#[derive(Debug)]
pub struct Presence {
    database: PathBuf,
    path: PathBuf,
    lock: File,
}

/// A server that runs on the database, in another process or in this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningServer {
    /// Its process id, where it has said so. In another container it means another process.
    pub process: Option<u32>,
}

/// Why this process cannot be the server of the database. `Display` is for the operator and names paths.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another server is.
    #[error("another server {server} uses {}; stop it first", .database.display())]
    Taken {
        /// The file of the database.
        database: PathBuf,
        /// The server.
        server: RunningServer,
    },
    /// The lock file cannot be used.
    #[error("cannot lock {}: {}", .path.display(), in_words(.error))]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Makes this process the server of the database. On PostgreSQL, and in memory, there is nothing to do.
///
/// # Errors
///
/// [`Error::Taken`] where another server runs on it.
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

/// The server that runs on the database, where one is known. Where that cannot be found out, the answer is none.
#[must_use]
pub fn running_server(location: &Location) -> Option<RunningServer> {
    let mut file = File::open(lock_path(location.path()?)).ok()?;
    // Shared, so that commands do not take each other for a server.
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    let mut process = String::new();
    let _ = file.read_to_string(&mut process);
    Some(RunningServer { process: process.trim().parse().ok() })
}

impl Presence {
    /// Acquires the lock again where its file was deleted or replaced: another server could not see the one that is held.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] where another server was faster.
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

/// The same for every spelling of the database's path and through every symbolic link.
fn lock_path(database: &Path) -> PathBuf {
    let real = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    file::beside(&real, ".lock")
}

/// The locked file, or nothing where another process has locked it.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
        Ok(()) => {}
    }
    // It may have been deleted between opening and locking; then the next server would lock another file.
    if !is_at(&file, path)? {
        return Ok(None);
    }
    // The lock counts without the process id, which a full disk does not take.
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
