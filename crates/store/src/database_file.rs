//! Detects that the files of an open SQLite database are no longer at their paths, because they were deleted, moved or
//! replaced. SQLite continues to write to the open files, and those writes are lost when the process ends.
//!
//! Device and inode identify a file. [`Store::write`](super::Store::write) checks before a transaction begins, and
//! [`Tx::commit`](super::Tx::commit) after the commit, so that no acknowledged write is missing from the file at the
//! path. The server also checks several times a second, for its log and for `/readyz`.

use std::{
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::fs::statvfs;
use sea_orm::sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, SqliteConnection, raw_sql, sqlite::SqliteConnectOptions,
};
use tokio::sync::Mutex;

use super::{Cause, Error, cause::in_words, file};

/// The free space, in bytes, that is room for the changes of a few requests. The largest change of one request writes
/// some hundred kilobytes to the log.
const ROOM: u64 = 1 << 20;

/// The identity of a file, independent of its path.
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

/// The files of an open database with their expected paths.
pub(super) struct DatabaseFile {
    files: Vec<(PathBuf, FileId)>,
    /// Keeps the files open while other connections close. SQLite deletes the log with its last connection, and the
    /// system reuses the inode number of a file that no process has open.
    held: Mutex<Option<SqliteConnection>>,
}

impl DatabaseFile {
    /// Records the files of the database at `path`. `database` identifies the file as first opened, and `real` is its
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
        for side_file in file::all(real).skip(1) {
            let id = FileId::at(&side_file).map_err(Error::File)?;
            files.push((side_file, id));
        }
        let this = Self { files, held: Mutex::new(Some(held)) };
        this.check()?;
        Ok(this)
    }

    /// Checks that every file is at its path.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] with the first file that is not.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.displacement().map_or(Ok(()), |displacement| Err(Error::Unavailable(Cause::open(displacement.reason()))))
    }

    /// Checks that the file system has room for the changes of a few requests.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if it has not, [`Error::File`] if it does not say.
    pub(super) fn check_room(&self) -> Result<(), Error> {
        let Some((path, _)) = self.files.first() else { return Ok(()) };
        let system = statvfs(path).map_err(|error| Error::File(error.into()))?;
        if system.f_bavail.saturating_mul(system.f_frsize) < ROOM {
            return Err(Error::Unavailable(Cause::open("the disk of the database is full")));
        }
        Ok(())
    }

    /// The first file that is not at its path.
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

    /// Closes the files.
    pub(super) async fn release(&self) {
        if let Some(connection) = self.held.lock().await.take() {
            // If closing in order fails, the drop closes it.
            let _ = connection.close().await;
        }
    }
}

impl fmt::Debug for DatabaseFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseFile")
    }
}

/// A file of an open database that is no longer at its path. `Display` contains the path and is for the operator.
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
