//! The private keys of a single server, in its data directory: `signing-key.pem`, made at the first start, and
//! `keys/KID.pem` for each that was made to follow it. Which of them signs is not known here.

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

/// Where they are.
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

impl Directory {
    /// That of the data directory at `path`.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The private key that was made as `kid`, where it is there.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn get(&self, kid: &str) -> Result<Option<Zeroizing<String>>, FileError> {
        self.path_of(kid).map_or(Ok(None), |path| present(&path))
    }

    /// The private key of the first start, whatever its name, where it is there.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn first(&self) -> Result<Option<Zeroizing<String>>, FileError> {
        present(&self.path_of_first())
    }

    /// The same, made where it is not there, with the time of its file.
    ///
    /// # Errors
    ///
    /// [`FileError`].
    pub fn first_or_create(&self) -> Result<(Zeroizing<String>, DateTime<Utc>), FileError> {
        let pem = file::read_or_create(&self.path_of_first(), generate_es256)?;
        Ok((pem, file::changed_at(&self.path_of_first())?))
    }

    /// Keeps a new private key as `kid`.
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

    /// Removes the private key that was made as `kid`.
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

    /// A `kid` is base64url; anything else may be a way out of the directory.
    fn path_of(&self, kid: &str) -> Option<PathBuf> {
        let plain = !kid.is_empty() && kid.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_');
        plain.then(|| self.0.join("keys").join(format!("{kid}.pem")))
    }
}

fn present(path: &Path) -> Result<Option<Zeroizing<String>>, FileError> {
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
    fn keeps_keys_by_their_names_and_nothing_outside() {
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
