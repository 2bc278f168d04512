//! The destinations of security events.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::{fs::OpenOptionsExt, net::UnixDatagram},
    path::PathBuf,
    process,
    sync::atomic::{AtomicBool, Ordering},
};

/// The socket of the syslog daemon, or of journald.
const SYSLOG: &str = "/dev/log";

/// Facility 10 (authorization), severity 6 (informational) (RFC 5424, section 6.2.1).
const PRIORITY: u8 = 10 * 8 + 6;

/// The end of a file.
pub(super) struct Appended {
    path: PathBuf,
    /// `None` after the file could not be opened again.
    file: Option<File>,
    reopen: &'static AtomicBool,
}

impl Appended {
    /// Opens the file, and creates it for this user alone if it is missing. If `reopen` is set, the next write opens it
    /// again.
    pub(super) fn open(path: PathBuf, reopen: &'static AtomicBool) -> io::Result<Self> {
        let file = Some(open(&path)?);
        Ok(Self { path, file, reopen })
    }
}

fn open(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl Write for Appended {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reopen.swap(false, Ordering::AcqRel) {
            self.file = None;
        }
        let file = match &mut self.file {
            Some(file) => file,
            closed => closed.insert(open(&self.path)?),
        };
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The syslog of this machine.
pub(super) struct Syslog {
    socket: UnixDatagram,
}

impl Syslog {
    /// Connects to the socket.
    pub(super) fn connect() -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(SYSLOG)?;
        Ok(Self { socket })
    }
}

/// Each write is one message.
impl Write for Syslog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut message = format!("<{PRIORITY}>fieldguard[{}]: ", process::id()).into_bytes();
        message.extend_from_slice(line.trim_ascii_end());
        // A daemon that was started again has a new socket.
        if self.socket.send(&message).is_err() {
            self.socket.connect(SYSLOG)?;
            self.socket.send(&message)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_was_moved_away_is_opened_again() {
        static REOPEN: AtomicBool = AtomicBool::new(false);
        let directory = tempfile::tempdir().unwrap();
        let (path, moved) = (directory.path().join("log"), directory.path().join("log.1"));
        fs::write(&path, "before\n").unwrap();
        let mut output = Appended::open(path.clone(), &REOPEN).unwrap();
        output.write_all(b"one\n").unwrap();
        fs::rename(&path, &moved).unwrap();
        output.write_all(b"two\n").unwrap();
        REOPEN.store(true, Ordering::Release);
        output.write_all(b"three\n").unwrap();
        output.write_all(b"four\n").unwrap();
        assert_eq!(fs::read_to_string(&moved).unwrap(), "before\none\ntwo\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "three\nfour\n");
    }
}
