//! Files and directories that hold secrets. What other users of the machine can change stops the start: they could put a secret
//! of theirs there. What they can only read is logged, since systems that hand out secrets as files often let all users read them.

use std::{
    fs::{self, Metadata},
    io::ErrorKind,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use super::Error;
use crate::{config::Config, store::Location};

/// Bits of the mode with which the group or others write, and read.
const WRITE: u32 = 0o022;
const READ: u32 = 0o044;

/// Refuses what other users can change, and logs what they can read.
///
/// # Errors
///
/// [`Error::Exposed`] with the path and the command that closes it.
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
    // What is no file, such as a pipe, has no content that could be changed.
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

/// A user who can write to the directory of a file can replace the file. The sticky bit leaves that to the owner.
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
        "other users can change `{path}` (mode {mode:04o}), which holds secrets: check what is in it, and run `chmod {right} {path}`",
        path = path.display(),
    )))
}

fn warn(path: &Path, mode: u32, right: &str) {
    tracing::warn!(
        path = %path.display(),
        mode = format!("{mode:04o}"),
        "other users can read a path that holds secrets: run `chmod {right}` on it"
    );
}

/// The permissions of what is at `path`, where it is of that kind. What is not there is created with the right ones, or is missed
/// by whatever needs it.
fn mode(path: &Path, is_kind: fn(&Metadata) -> bool) -> Result<Option<u32>, Error> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(is_kind(&metadata).then(|| metadata.mode() & 0o7777)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::Exposed(format!("the permissions of `{}` cannot be read: {error}", path.display()))),
    }
}
