//! Checks the permissions of files and directories that hold secrets. A path that other users of the machine can change
//! stops the startup, because they could put their own secret there. A path that they can only read is logged, since
//! systems that provide secrets as files often let all users read them.

use std::{
    fs::{self, Metadata},
    io::ErrorKind,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use super::Error;
use crate::{config::Config, store::Location};

/// Mode bits that let the group or others write and read.
const WRITE: u32 = 0o022;
const READ: u32 = 0o044;

/// Refuses paths that other users can change, and logs paths that they can read.
///
/// # Errors
///
/// [`Error::Exposed`] with the path and the command that fixes it.
pub(super) fn check(config: &Config) -> Result<(), Error> {
    let secret_files = config.secret_files();
    for file in secret_files.iter().chain(&config.token.key_file) {
        check_file(file)?;
        check_directory_of(file)?;
    }
    if matches!(config.database(), Location::Postgres(_)) {
        return Ok(());
    }
    check_data(&config.data_dir)?;
    check_keys(&config.data_dir.join("keys"))
}

fn check_file(path: &Path) -> Result<(), Error> {
    // Other types, such as pipes, have no content that could be changed.
    let Some(mode) = mode(path, Metadata::is_file)? else { return Ok(()) };
    refuse_writable(path, mode, "600")?;
    if mode & READ != 0 {
        warn(path, mode, "600");
    }
    Ok(())
}

fn check_data(path: &Path) -> Result<(), Error> {
    mode(path, Metadata::is_dir)?.map_or(Ok(()), |mode| refuse_writable(path, mode, "700"))
}

fn check_keys(path: &Path) -> Result<(), Error> {
    let Some(mode) = mode(path, Metadata::is_dir)? else { return Ok(()) };
    refuse_writable(path, mode, "700")?;
    if mode & READ != 0 {
        warn(path, mode, "700");
    }
    Ok(())
}

/// A user who can write to a file's directory can replace the file, unless the sticky bit is set.
fn check_directory_of(file: &Path) -> Result<(), Error> {
    let Some(directory) = file.parent() else { return Ok(()) };
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    match mode(directory, Metadata::is_dir)? {
        Some(mode) if mode & 0o1000 == 0 => refuse_writable(directory, mode, "go-w"),
        _ => Ok(()),
    }
}

fn refuse_writable(path: &Path, mode: u32, right: &str) -> Result<(), Error> {
    if mode & WRITE == 0 {
        return Ok(());
    }
    Err(Error::Exposed(format!(
        "other users can change `{path}` (mode {mode:04o}), which holds secrets: check its content, then run `chmod {right} {path}`",
        path = path.display(),
    )))
}

fn warn(path: &Path, mode: u32, right: &str) {
    tracing::warn!(
        path = %path.display(),
        mode = format!("{mode:04o}"),
        "other users can read a path that holds secrets; run `chmod {right}` on it"
    );
}

/// The mode of `path`, if it exists and is of that kind. A missing path is created later with the right mode, or its
/// reader reports it.
fn mode(path: &Path, is_kind: fn(&Metadata) -> bool) -> Result<Option<u32>, Error> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(is_kind(&metadata).then(|| metadata.mode() & 0o7777)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::Exposed(format!("cannot read the permissions of `{}`: {error}", path.display()))),
    }
}
