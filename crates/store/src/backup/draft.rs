//! A file that gets its name only when it is complete.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufWriter, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use uuid::Uuid;

/// A temporary file beside its destination, readable only by its owner. Drop removes it.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
    replace: bool,
}

impl Draft {
    /// Creates a temporary file for the destination `path`, which may exist only with `replace`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if it exists, and any system error.
    pub fn create(path: &Path, replace: bool) -> io::Result<Self> {
        let Some(name) = path.file_name() else { return Err(ErrorKind::InvalidFilename.into()) };
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(_) if !replace => return Err(ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.partial", Uuid::new_v4().simple()));
        let temporary = path.with_file_name(hidden);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        let new = Self { path: path.to_owned(), temporary, file: BufWriter::new(file), replace };
        // The umask may have removed permissions from the owner.
        new.file.get_ref().set_permissions(Permissions::from_mode(0o600))?;
        Ok(new)
    }

    /// Flushes the file to the disk and gives it its name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if another file has taken the name meanwhile, and any system error.
    pub fn publish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        if self.replace {
            fs::rename(&self.temporary, &self.path)?;
        } else {
            self.link()?;
        }
        File::open(directory(&self.path))?.sync_all()
    }

    /// A link never replaces a file. On a file system without links, use a check and a rename.
    fn link(&self) -> io::Result<()> {
        match fs::hard_link(&self.temporary, &self.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            Err(_) if fs::symlink_metadata(&self.path).is_ok() => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.temporary, &self.path),
            Ok(()) => Ok(()),
        }
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename the file no longer exists.
        let _ = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_gets_its_name_only_when_it_is_complete() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        let mut draft = Draft::create(&path, false).unwrap();
        draft.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(draft);
        assert!(names(home.path()).is_empty());
        let mut draft = Draft::create(&path, false).unwrap();
        draft.write_all(b"whole").unwrap();
        draft.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(home.path()), ["a"]);
    }

    #[test]
    fn an_existing_file_is_replaced_only_on_request() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        let late = Draft::create(&path, false).unwrap();
        fs::write(&path, "first").unwrap();
        assert_eq!(Draft::create(&path, false).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(late.publish().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        Draft::create(&path, true).unwrap().publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
        assert_eq!(Draft::create(home.path(), true).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(names(home.path()), ["a"]);
    }
}
