//! The file descriptor limit: raises it as far as the system allows, and limits connections accordingly, so that the
//! server evicts connections instead of failing to accept new ones.

/// The number of descriptors reserved for the database, logs and keys.
const RESERVED: usize = 256;

/// The number of connections that a process with this many file descriptors can have open, at most `connections`.
#[must_use]
pub fn affordable(descriptors: usize, connections: usize) -> usize {
    descriptors.saturating_sub(RESERVED).max(descriptors / 2).min(connections)
}

/// Raises the process's soft limit to its hard limit. Returns `connections`, or fewer if the limit is too low.
#[cfg(target_os = "linux")]
pub fn enough_for(connections: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let granted = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    let available = granted.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let allowed = affordable(available, connections);
    if allowed < connections {
        tracing::warn!(connections, allowed, "too few file descriptors for `limits.connections`; raise `ulimit -n`");
    }
    allowed
}

/// Returns `connections`: the limit of this system is unknown.
#[cfg(not(target_os = "linux"))]
pub const fn enough_for(connections: usize) -> usize {
    connections
}

/// Whether a client waits to be accepted.
#[cfg(unix)]
pub fn client_waits(listener: &impl std::os::fd::AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut listener = [PollFd::new(listener, PollFlags::IN)];
    // If `poll` fails, closing one connection too many does less harm than accepting no clients.
    poll(&mut listener, Some(&Timespec::default())) != Ok(0)
}

/// Returns `true`: this system reports an error only while a client waits.
#[cfg(not(unix))]
pub const fn client_waits(_listener: &tokio::net::TcpListener) -> bool {
    true
}
