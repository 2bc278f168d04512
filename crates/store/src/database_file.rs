//! Notices that the files of an open SQLite database are no longer the files at its path: deleted, moved, or replaced by
//! others. SQLite goes on writing to the files it has open, and everything written from then on is lost with the process.
//!
//! Files are told apart by device and inode. [`Store::write`](super::Store::write) looks before a transaction begins and
//! [`Tx::commit`](super::Tx::commit) after it was committed, so that no write is acknowledged that is not in the file at the
//! path. The server looks several times a second, for its log and for `/readyz`.

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use sea_orm::sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, SqliteConnection, raw_sql, sqlite::SqliteConnectOptions,
};
use tokio::sync::Mutex;

use super::{Cause, Error, cause::in_words, file};

/// Which file it is, whatever its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The file that is at `path` now.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of(&metadata))
    }

    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// The files of a database that is open, each with the path it must be at.
pub(super) struct DatabaseFile {
    files: Vec<(PathBuf, FileId)>,
    /// Keeps the files open, whatever becomes of the other connections. SQLite deletes the log with its last connection, and
    /// the system gives the number of a file that no process has open to another.
    held: Mutex<Option<SqliteConnection>>,
}

impl DatabaseFile {
    /// Remembers the files of the database at `path`, the file being `database` when it was first opened. `real` is the
    /// path without symbolic links. The log must exist.
    pub(super) async fn hold(
        path: &Path,
        real: &Path,
        database: FileId,
        options: &SqliteConnectOptions,
    ) -> Result<Self, Error> {
        let mut held = options.connect().await?;
        // Opens the log.
        held.execute(raw_sql("SELECT 1 FROM sqlite_schema LIMIT 1")).await?;
        let mut files = vec![(path.to_owned(), database)];
        for beside in file::all(real).skip(1) {
            let id = FileId::at(&beside).map_err(Error::File)?;
            files.push((beside, id));
        }
        let this = Self { files, held: Mutex::new(Some(held)) };
        this.check()?;
        Ok(this)
    }

    /// Whether every file is where it was.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] with the file that is not.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.displacement().map_or(Ok(()), |displacement| Err(Error::Unavailable(Cause::open(displacement.reason()))))
    }

    /// The first file that is not where it was.
    pub(super) fn displacement(&self) -> Option<Displacement> {
        self.files.iter().find_map(|(path, id)| match FileId::at(path) {
            Ok(found) if found == *id => None,
            Ok(_) => Some(Displacement { path: path.clone(), found: Found::Another }),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Some(Displacement { path: path.clone(), found: Found::Nothing })
            }
            Err(error) => Some(Displacement { path: path.clone(), found: Found::Unknown(error) }),
        })
    }

    /// Lets the files go.
    pub(super) async fn release(&self) {
        if let Some(connection) = self.held.lock().await.take() {
            // One that does not close in order is closed all the same, as it is dropped.
            let _ = connection.close().await;
        }
    }
}

impl fmt::Debug for DatabaseFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseFile")
    }
}

/// A file of an open database that is no longer at its path. `Display` names the path: it is for the operator.
#[derive(Debug)]
pub struct Displacement {
    path: PathBuf,
    found: Found,
}

#[derive(Debug)]
enum Found {
    Nothing,
    Another,
    Unknown(io::Error),
}

impl Displacement {
    const fn reason(&self) -> &'static str {
        match self.found {
            Found::Nothing => "a file of the open database was deleted or moved",
            Found::Another => "a file of the open database was replaced by another",
            Found::Unknown(_) => "a file of the open database cannot be found",
        }
    }
}

impl fmt::Display for Displacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.found {
            Found::Nothing => write!(f, "{path} was deleted or moved while the server has it open"),
            Found::Another => write!(f, "{path} was replaced by another file while the server has it open"),
            Found::Unknown(error) => write!(f, "{path} cannot be found: {}", in_words(error)),
        }
    }
}
