//! A private key in a file that only its owner can access. The first start creates it; processes that start at the same
//! time get the same key. This module does not interpret the content.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

/// Maximum size of the file, in bytes; a key of 16,384 bits takes less.
const MAX_BYTES: usize = 64 * 1024;

/// Why the file gives no key. Errors never contain the content.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Other users may write the file, so they may have replaced the key.
    #[error("other users can write the key file `{}`; check its content, then run `chmod go-w {}`", .0.display(), .0.display())]
    Exposed(PathBuf),
    /// Another user owns the file, so that user may have replaced the key.
    #[error("another user owns the key file `{}`; check its content, then run `chown root {}`", .0.display(), .0.display())]
    ForeignOwner(PathBuf),
    /// The file is too long for a key.
    #[error("the key file is longer than 64 KiB; it must hold one private key")]
    Long,
    /// The system refused access.
    #[error("the key file cannot be used")]
    Io(#[from] io::Error),
}

/// Reads the file at `path`.
///
/// # Errors
///
/// [`FileError`], with [`ErrorKind::NotFound`] if there is none.
pub fn read(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    check_private(&file, &metadata, path)?;
    // Allocate the full size at once: a growing string leaves copies behind.
    let mut content = Zeroizing::new(String::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1).read_to_string(&mut content)?;
    if content.len() > MAX_BYTES {
        return Err(FileError::Long);
    }
    Ok(content)
}

/// Reads the file at `path`, or creates it with the content that `fresh` returns. If several processes create it at
/// once, all get the content of the first one.
///
/// # Errors
///
/// [`FileError`].
pub fn read_or_create(path: &Path, fresh: impl FnOnce() -> Zeroizing<String>) -> Result<Zeroizing<String>, FileError> {
    match read(path) {
        Err(FileError::Io(error)) if error.kind() == ErrorKind::NotFound => {
            create(path, &fresh())?;
            read(path)
        }
        other => other,
    }
}

/// The time of the last write to the file at `path`.
///
/// # Errors
///
/// [`FileError`].
pub fn changed_at(path: &Path) -> Result<DateTime<Utc>, FileError> {
    Ok(fs::metadata(path)?.modified()?.into())
}

/// Creates the file at `path`, accessible only by its owner. An existing file stays unchanged.
///
/// It writes a temporary file beside `path` and links it to `path`: a link is atomic and never replaces a file.
///
/// # Errors
///
/// If the system refuses.
pub fn create(path: &Path, content: &str) -> io::Result<()> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_directory(directory)?;
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(format!(".{:016x}.new", u64::from_ne_bytes(crate::random())));
    let draft = directory.join(name);
    let linked = write_draft(&draft, content).and_then(|()| fs::hard_link(&draft, path));
    // Always remove the temporary file; one that a crash leaves is as private as the key.
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => sync_directory(directory),
    }
}

fn write_draft(draft: &Path, content: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix version can fail")]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn check_private(file: &File, metadata: &fs::Metadata, path: &Path) -> Result<(), FileError> {
    use crate::file_access::{Exposure, Identity, Ownership};
    let (ownership, process) = (Ownership::of_open(file, metadata)?, Identity::of_process());
    match ownership.exposure(&process) {
        Exposure::None | Exposure::Readable => Ok(()),
        Exposure::Writable if ownership.has_foreign_owner(&process) => Err(FileError::ForeignOwner(path.to_owned())),
        Exposure::Writable => Err(FileError::Exposed(path.to_owned())),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix version can fail")]
fn check_private(_: &File, _: &fs::Metadata, _: &Path) -> Result<(), FileError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::{os::unix::fs::PermissionsExt, thread};

    use super::*;

    #[test]
    fn the_file_is_created_once_for_its_owner() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data/keys/signing.pem");
        let first = read_or_create(&path, || Zeroizing::new("one".to_owned())).unwrap();
        let again = read_or_create(&path, || panic!("it is there")).unwrap();
        assert_eq!((first.as_str(), again.as_str()), ("one", "one"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "the temporary file is removed");
    }

    #[test]
    fn concurrent_creations_give_one_content() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("signing.pem");
        let contents: Vec<String> = thread::scope(|scope| {
            let starts: Vec<_> = (0..16)
                .map(|i| {
                    scope.spawn({
                        let path = &path;
                        move || read_or_create(path, || Zeroizing::new(format!("key {i}"))).unwrap().to_string()
                    })
                })
                .collect();
            starts.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(contents.iter().all(|content| *content == contents[0] && content.starts_with("key ")), "{contents:?}");
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("signing.pem");
        fs::write(&path, "one").unwrap();
        for mode in [0o620, 0o602, 0o660, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = read(&path).unwrap_err().to_string();
            assert!(refused.contains(&format!("chmod go-w {}", path.display())), "{mode:o} {refused}");
        }
        for mode in [0o400, 0o600, 0o640, 0o444] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).unwrap().as_str(), "one", "{mode:o}");
        }
    }

    #[test]
    fn errors_hide_path_and_content() {
        let home = tempfile::tempdir().unwrap();
        let error = read(&home.path().join("nothing.pem")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("nothing.pem"), "{error:?}");
        let path = home.path().join("long.pem");
        fs::write(&path, vec![b'a'; 70_000]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(read(&path), Err(FileError::Long)));
    }
}
