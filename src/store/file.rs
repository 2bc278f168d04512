//! Makes the file of an SQLite database so that only this user reads it, under any umask.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Makes the file and the directories it is missing, with modes 0600 and 0700. Files that are there get that mode too, with
/// the log and the index beside them; directories that are there keep theirs. SQLite gives the files it makes the mode of
/// the first.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        make_directories(directory)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    ["", "-wal", "-shm"].iter().try_for_each(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        close_to_others(&PathBuf::from(name))
    })
}

fn make_directories(directory: &Path) -> io::Result<()> {
    if directory.as_os_str().is_empty() || directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        make_directories(parent)?;
    }
    match fs::create_dir(directory) {
        // The umask may have taken what the owner needs, or left what others do not.
        Ok(()) => fs::set_permissions(directory, Permissions::from_mode(0o700)),
        Err(_) if directory.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

fn close_to_others(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(it) if it.permissions().mode() & 0o777 == 0o600 => Ok(()),
        Ok(_) => fs::set_permissions(path, Permissions::from_mode(0o600)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
