//! Unix sockets: their files, which outlive a server that was killed.

use std::{
    fs::{self, Metadata, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net,
    },
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

use super::Listener;

/// Who may connect: the user and the group of the server. A proxy's user must be in the group.
const MODE: u32 = 0o660;

/// The file of a Unix socket, deleted on drop if it is still the same one.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    id: (u64, u64),
}

/// Listens on a Unix socket at `path`, to which the user and the group of the process can connect (mode 0660). Replaces
/// the file of a server that no longer runs.
///
/// # Errors
///
/// [`ErrorKind::AddrInUse`] if a program listens on the socket, [`ErrorKind::AlreadyExists`] if the path is not a
/// socket, or what the system answers.
pub fn bind_unix(path: &Path) -> io::Result<Listener> {
    remove_stale(path)?;
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(MODE))?;
    let file = SocketFile { path: path.to_owned(), id: id(&fs::symlink_metadata(path)?) };
    Ok(Listener::Unix(listener, Some(file)))
}

fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.file_type().is_socket() => return Err(ErrorKind::AlreadyExists.into()),
        Ok(_) => {}
    }
    match net::UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
        Ok(_) => Err(ErrorKind::AddrInUse.into()),
    }
}

fn id(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| id(&found) == self.id) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stale_socket_is_replaced_and_a_used_one_is_not() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("server.sock");
        drop(net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "the system leaves the file");
        let first = bind_unix(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, MODE);
        assert_eq!(bind_unix(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
        drop(first);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn file_of_another_kind_or_another_server_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("server.sock");
        fs::write(&path, "text").unwrap();
        assert_eq!(bind_unix(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
        fs::remove_file(&path).unwrap();
        let first = bind_unix(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let _second = net::UnixListener::bind(&path).unwrap();
        drop(first);
        assert!(path.exists());
    }
}
