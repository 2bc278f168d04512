//! The file of an SQLite database. It is created with access for its owner only, under any umask, and inspected without
//! opening it: closing another handle of this process would release SQLite's locks.

use std::{
    ffi::OsStr,
    fs::{self, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};

use super::Error;

/// The longest path that SQLite opens, in bytes.
const MAX_PATH_BYTES: usize = 508;

/// The suffixes of the write-ahead log and its index.
const SIDE_FILE_SUFFIXES: [&str; 2] = ["-wal", "-shm"];

/// What to do if there is no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Create it.
    Create,
    /// Refuse with [`Error::Missing`].
    Refuse,
}

/// Prepares the file for SQLite and returns its path without symbolic links. SQLite puts its other files beside it.
///
/// A new file gets mode 0600, and new directories 0700. An existing file gets that mode too, with its log and index;
/// existing directories keep theirs. SQLite gives its files the mode of the database file.
///
/// # Errors
///
/// [`Error::Missing`], and [`Error::File`] with the reason why this process cannot read and write the file.
pub(super) fn prepare(path: &Path, missing: Missing) -> Result<PathBuf, Error> {
    match fs::metadata(path) {
        Ok(metadata) => refuse_other_kinds(&metadata).map_err(Error::File)?,
        Err(error) if error.kind() == ErrorKind::NotFound && missing == Missing::Create => {
            create(path).map_err(Error::File)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::Missing),
        Err(error) => return Err(Error::File(error)),
    }
    restrict_to_owner(path).map_err(Error::File)
}

/// The files of the database at `path`, which has no symbolic links: the file, its log and the log's index.
pub(super) fn all(path: &Path) -> impl Iterator<Item = PathBuf> {
    std::iter::once("").chain(SIDE_FILE_SUFFIXES).map(|suffix| beside(path, suffix))
}

/// The path with `suffix` appended to its last component.
pub(super) fn beside(path: &Path, suffix: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn refuse_other_kinds(metadata: &fs::Metadata) -> io::Result<()> {
    match (metadata.is_file(), metadata.is_dir()) {
        (true, _) => Ok(()),
        (_, true) => Err(ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::other("not a regular file")),
    }
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        create_directories(directory)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn create_directories(directory: &Path) -> io::Result<()> {
    if directory.as_os_str().is_empty() || directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        create_directories(parent)?;
    }
    match fs::create_dir(directory) {
        // The umask may have removed permissions from the owner or left some to others.
        Ok(()) => fs::set_permissions(directory, Permissions::from_mode(0o700)),
        Err(_) if directory.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

fn restrict_to_owner(path: &Path) -> io::Result<PathBuf> {
    let path = fs::canonicalize(path)?;
    if path.as_os_str().len() > MAX_PATH_BYTES {
        return Err(io::Error::other(format!("the path is longer than {MAX_PATH_BYTES} bytes, the limit of SQLite")));
    }
    if path.to_str().is_none() {
        return Err(io::Error::other("the path is not valid UTF-8"));
    }
    for file in all(&path) {
        match set_private_mode(&file).and_then(|()| Ok(access(&file, Access::READ_OK | Access::WRITE_OK)?)) {
            Err(error) if error.kind() == ErrorKind::NotFound && file != path => {}
            other => other?,
        }
    }
    // SQLite creates and deletes files beside the database.
    if let Some(directory) = path.parent() {
        access(directory, Access::WRITE_OK | Access::EXEC_OK)?;
    }
    Ok(path)
}

fn set_private_mode(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_database_is_created_only_on_request() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a?b%3F/data/fieldguard.db");
        assert!(matches!(prepare(&path, Missing::Refuse), Err(Error::Missing)));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "a check creates nothing");
        let created = prepare(&path, Missing::Create).unwrap();
        assert_eq!(created, fs::canonicalize(&path).unwrap());
        assert_eq!(prepare(&path, Missing::Refuse).unwrap(), created);
    }

    #[test]
    fn symbolic_links_are_resolved() {
        let home = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(home.path()).unwrap().join("real.db");
        fs::write(&path, "").unwrap();
        let link = home.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(prepare(&link, Missing::Refuse).unwrap(), path);
    }

    #[test]
    fn unusable_paths_are_refused_with_the_reason() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let long = home.path().join("a".repeat(200)).join("b".repeat(200)).join("c".repeat(200));
        for (path, reason) in [
            (home.path().to_owned(), "is a directory"),
            (file.join("fieldguard.db"), "not a directory"),
            (PathBuf::from("/dev/null"), "not a regular file"),
            (long, "the path is longer than 508 bytes, the limit of SQLite"),
        ] {
            let Err(Error::File(error)) = prepare(&path, Missing::Create) else { panic!("{}", path.display()) };
            assert_eq!(super::super::cause::in_words(&error), reason, "{}", path.display());
        }
    }
}
