//! File descriptors: as many as the system allows, and no more connections than they are enough for, so that the server
//! makes room in order instead of failing to accept.

use tokio::net::TcpListener;

/// How many are kept for everything but connections: the database, logs, keys.
#[cfg(target_os = "linux")]
const RESERVE: usize = 256;

/// Raises the process's own limit to the highest it may have. Gives `connections`, or fewer where that is not enough.
#[cfg(target_os = "linux")]
pub fn enough_for(connections: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let granted = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    let room = granted.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let fitting = room.saturating_sub(RESERVE).max(room / 2).min(connections);
    if fitting < connections {
        tracing::warn!(connections, fitting, "too few file descriptors for `limits.connections`: raise `ulimit -n`");
    }
    fitting
}

/// Gives `connections`: this system's limit is not known here.
#[cfg(not(target_os = "linux"))]
pub const fn enough_for(connections: usize) -> usize {
    connections
}

/// Whether a client waits to be accepted.
#[cfg(unix)]
pub fn client_waits(listener: &TcpListener) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut listener = [PollFd::new(listener, PollFlags::IN)];
    // On an error of `poll`, closing one connection too many does less harm than accepting no client.
    poll(&mut listener, Some(&Timespec::default())) != Ok(0)
}

/// True: this system reports an error only while a client waits.
#[cfg(not(unix))]
pub const fn client_waits(_listener: &TcpListener) -> bool {
    true
}
