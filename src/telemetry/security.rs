//! Security events for monitoring (SIEM): one JSON object per line, with the field names of the Elastic Common Schema
//! (ECS) 8. The events are those of the audit log, once they are committed, and denied fields. They identify
//! users by ID, and have no name, email address, password, token or code.
//!
//! The audit log is the record. A line is dropped and counted if its destination does not take it.

mod event;
mod output;

use std::{
    io,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

pub use event::{denied, of_entry};
use serde_json::Value;

use super::lines::Lines;
use crate::config::SecurityLog;

static DESTINATION: OnceLock<Destination> = OnceLock::new();

/// Whether the file must be opened again before the next line.
static REOPEN: AtomicBool = AtomicBool::new(false);

enum Destination {
    /// The lines of the log.
    Log,
    Own(Lines),
}

/// Starts writing to the configured destination. A process has one, and later calls do nothing.
///
/// # Errors
///
/// If the file or the socket cannot be opened.
pub fn start(to: &SecurityLog) -> io::Result<()> {
    let destination = match to {
        SecurityLog::Off => return Ok(()),
        SecurityLog::Stderr => Destination::Log,
        SecurityLog::File(path) => Destination::Own(Lines::to(output::Appended::open(path.clone(), &REOPEN)?)),
        SecurityLog::Syslog => Destination::Own(Lines::to(output::Syslog::connect()?)),
    };
    let _ = DESTINATION.set(destination);
    Ok(())
}

/// Whether events are written.
#[must_use]
pub fn is_on() -> bool {
    DESTINATION.get().is_some()
}

/// Opens the file again, for a program that moved it away.
pub fn reopen() {
    REOPEN.store(true, Ordering::Release);
}

/// Writes one event.
pub fn write(event: &Value) {
    let line = format!("{event}\n");
    match DESTINATION.get() {
        Some(Destination::Log) => super::stderr().send(line.as_bytes()),
        Some(Destination::Own(lines)) => lines.send(line.as_bytes()),
        None => {}
    }
}

/// The lines of a destination of its own.
pub(super) fn lines() -> Option<&'static Lines> {
    match DESTINATION.get()? {
        Destination::Log => None,
        Destination::Own(lines) => Some(lines),
    }
}
