//! The private keys of a single server in its data directory: `signing-key.pem`, created at the first start, and
//! `keys/KID.pem` for each later key. This module does not know which key signs.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{
    file::{self, FileError},
    generate_es256,
};

/// The directory of the private keys.
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

impl Directory {
    /// The keys in the data directory at `path`.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The private key `kid`, if its file exists.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn get(&self, kid: &str) -> Result<Option<Zeroizing<String>>, FileError> {
        self.path_of(kid).map_or(Ok(None), |path| read_if_exists(&path))
    }

    /// The private key of the first start, if its file exists.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn first(&self) -> Result<Option<Zeroizing<String>>, FileError> {
        read_if_exists(&self.path_of_first())
    }

    /// The private key of the first start, created if its file does not exist, with the modification time of the file.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn first_or_create(&self) -> Result<(Zeroizing<String>, DateTime<Utc>), FileError> {
        let pem = file::read_or_create(&self.path_of_first(), generate_es256)?;
        Ok((pem, file::changed_at(&self.path_of_first())?))
    }

    /// Stores a new private key `kid`.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn add(&self, kid: &str, pem: &str) -> Result<(), FileError> {
        match self.path_of(kid) {
            Some(path) => Ok(file::create(&path, pem)?),
            None => Err(FileError::Io(ErrorKind::InvalidInput.into())),
        }
    }

    /// Removes the private key `kid`.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn remove(&self, kid: &str) -> Result<(), FileError> {
        self.path_of(kid).map_or(Ok(()), |path| remove(&path))
    }

    /// Removes the private key of the first start.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn remove_first(&self) -> Result<(), FileError> {
        remove(&self.path_of_first())
    }

    fn path_of_first(&self) -> PathBuf {
        self.0.join("signing-key.pem")
    }

    /// The file of the key. A `kid` is base64url; any other text could lead out of the directory.
    fn path_of(&self, kid: &str) -> Option<PathBuf> {
        let plain =
            !kid.is_empty() && kid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        plain.then(|| self.0.join("keys").join(format!("{kid}.pem")))
    }
}

fn read_if_exists(path: &Path) -> Result<Option<Zeroizing<String>>, FileError> {
    match file::read(path) {
        Err(FileError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn remove(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_stored_by_kid_inside_the_directory() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path().join("data"));
        assert!(directory.get("a-B_1").unwrap().is_none() && directory.first().unwrap().is_none());
        directory.add("a-B_1", "one").unwrap();
        assert_eq!(directory.get("a-B_1").unwrap().unwrap().as_str(), "one");
        assert!(home.path().join("data/keys/a-B_1.pem").exists());
        directory.first_or_create().unwrap();
        for kid in ["", ".", "../signing-key", "/etc/passwd", "a/b", "a\0"] {
            assert!(directory.get(kid).unwrap().is_none() && directory.add(kid, "x").is_err(), "{kid:?}");
            directory.remove(kid).unwrap();
        }
        assert!(directory.first().unwrap().is_some());
        directory.remove("a-B_1").unwrap();
        directory.remove("a-B_1").unwrap();
        directory.remove_first().unwrap();
        assert!(directory.get("a-B_1").unwrap().is_none() && directory.first().unwrap().is_none());
    }
}
