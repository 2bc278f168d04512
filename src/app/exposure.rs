//! Checks the permissions of files and directories that hold secrets. A path that other users of the machine can change
//! stops the startup, because they could put their own secret there. A path that they can only read is logged, since
//! systems that provide secrets as files often let all users read them. Nothing on a read-only mount can be changed.

use std::{
    fmt,
    fs::{self, Metadata},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::Error;
use crate::{
    auth::file_access::{Exposure, Identity, Ownership},
    config::Config,
    store::Location,
};

/// Mode bits that let the group or others write and read.
const WRITE: u32 = 0o022;
const READ: u32 = 0o044;
const STICKY: u32 = 0o1000;

/// A path with secrets that other users can read.
pub(super) struct Readable {
    path: PathBuf,
    mode: u32,
    right: &'static str,
}

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, mode, right) = (self.path.display(), self.mode, self.right);
        write!(f, "other users can read `{path}` (mode {mode:04o}), which holds secrets; run `chmod {right} {path}`")
    }
}

/// Refuses paths that other users can change, and logs paths that they can read.
///
/// # Errors
///
/// [`Error::Exposed`] with the path and the command that fixes it.
pub(super) fn check(config: &Config) -> Result<(), Error> {
    for Readable { path, mode, right } in find(config)? {
        tracing::warn!(
            path = %path.display(),
            mode = format!("{mode:04o}"),
            "other users can read a path that holds secrets; run `chmod {right}` on it"
        );
    }
    Ok(())
}

/// The paths that other users can read.
///
/// # Errors
///
/// As [`check`].
pub(super) fn find(config: &Config) -> Result<Vec<Readable>, Error> {
    let mut readable = Vec::new();
    let secret_files = config.secret_files();
    for file in secret_files.iter().chain(&config.token.key_file).chain(&config.tls.key) {
        readable.extend(check_file(file)?);
        check_directory_of(file)?;
    }
    if !matches!(config.database(), Location::Postgres(_)) {
        check_data(&config.data_dir)?;
        readable.extend(check_file(&config.data_dir.join(super::encryption::FILE))?);
        readable.extend(check_keys(&config.data_dir.join("keys"))?);
    }
    Ok(readable)
}

fn check_file(path: &Path) -> Result<Option<Readable>, Error> {
    // Other types, such as pipes, have no content that could be changed.
    let Some(file) = ownership(path, Metadata::is_file)? else { return Ok(None) };
    let process = Identity::of_process();
    match file.exposure(&process) {
        Exposure::None => Ok(None),
        Exposure::Readable => {
            Ok(Some(Readable { path: path.to_owned(), mode: file.mode, right: right(&file, &process) }))
        }
        Exposure::Writable if file.has_foreign_owner(&process) => Err(foreign(path, &file)),
        Exposure::Writable => Err(writable(path, file.mode, right(&file, &process))),
    }
}

/// The mode that lets no others read a file, and the server still read it: through the group, if root owns the file.
fn right(file: &Ownership, process: &Identity) -> &'static str {
    if file.owner == process.user { "600" } else { "440" }
}

fn check_data(path: &Path) -> Result<(), Error> {
    ownership(path, Metadata::is_dir)?.map_or(Ok(()), |directory| refuse_writable(path, &directory, "700"))
}

fn check_keys(path: &Path) -> Result<Option<Readable>, Error> {
    let Some(directory) = ownership(path, Metadata::is_dir)? else { return Ok(None) };
    refuse_writable(path, &directory, "700")?;
    let is_readable = directory.mode & READ != 0;
    Ok(is_readable.then(|| Readable { path: path.to_owned(), mode: directory.mode, right: "700" }))
}

/// A user who can write to a file's directory can replace the file, unless the sticky bit is set.
fn check_directory_of(file: &Path) -> Result<(), Error> {
    let Some(directory) = file.parent() else { return Ok(()) };
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    match ownership(directory, Metadata::is_dir)? {
        Some(found) if found.mode & STICKY == 0 => refuse_writable(directory, &found, "go-w"),
        _ => Ok(()),
    }
}

fn refuse_writable(path: &Path, directory: &Ownership, right: &str) -> Result<(), Error> {
    if directory.read_only || directory.mode & WRITE == 0 {
        return Ok(());
    }
    Err(writable(path, directory.mode, right))
}

fn writable(path: &Path, mode: u32, right: &str) -> Error {
    Error::Exposed(format!(
        "other users can change `{path}` (mode {mode:04o}), which holds secrets: check its content, then run `chmod {right} {path}`",
        path = path.display(),
    ))
}

fn foreign(path: &Path, file: &Ownership) -> Error {
    Error::Exposed(format!(
        "another user (id {owner}) owns `{path}` and can change it, and it holds secrets: check its content, then run `chown root {path}`, or mount it read-only",
        owner = file.owner,
        path = path.display(),
    ))
}

/// The ownership of `path`, if it exists and is of that kind. A missing path is created later with the right mode, or
/// its reader reports it.
fn ownership(path: &Path, is_kind: fn(&Metadata) -> bool) -> Result<Option<Ownership>, Error> {
    let found = fs::metadata(path)
        .and_then(|metadata| if is_kind(&metadata) { Ownership::at(path, &metadata).map(Some) } else { Ok(None) });
    found.or_else(|error| if is_missing(&error) { Ok(None) } else { Err(unknown(path, &error)) })
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn unknown(path: &Path, error: &io::Error) -> Error {
    Error::Exposed(format!("cannot read the permissions of `{}`: {error}", path.display()))
}
