//! The file descriptor limit against the connection limit.

use std::fs;

use super::Finding;
use crate::{config::Config, listener::affordable};

const CHECK: &str = "file descriptors";

/// Of the running server, if its process is known; else of this command, which a service may not share.
pub(super) fn check(config: &Config, server: Option<u32>) -> Finding {
    let limit = server.and_then(|process| limit_of(&process.to_string()));
    let whose = if limit.is_some() { "of the server" } else { "of this shell; the server may have another" };
    match limit.or_else(|| limit_of("self")) {
        Some(limit) => judge(limit, config.limits.connections, whose),
        None => Finding::ok(CHECK, "this system does not tell the limit"),
    }
}

/// The hard limit, up to which the server raises its own.
fn limit_of(process: &str) -> Option<usize> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let hard = line.split_whitespace().nth(1)?;
    if hard == "unlimited" { Some(usize::MAX) } else { hard.parse().ok() }
}

fn judge(limit: usize, connections: usize, whose: &str) -> Finding {
    let allowed = affordable(limit, connections);
    if allowed < connections {
        let text = format!(
            "{limit} ({whose}) allow {allowed} connections, and `limits.connections` is {connections}; raise \
             `LimitNOFILE` of the service or `ulimit -Hn`"
        );
        return Finding::warning(CHECK, text);
    }
    Finding::ok(CHECK, format!("{limit} ({whose}) are enough for {connections} connections"))
}

#[cfg(test)]
mod tests {
    use super::{super::Status, *};

    #[test]
    fn few_descriptors_for_many_connections_are_a_warning() {
        for (limit, connections, status) in
            [(1_024, 10_000, Status::Warning), (1_024, 500, Status::Ok), (usize::MAX, 1_000_000, Status::Ok)]
        {
            assert_eq!(judge(limit, connections, "x").status, status, "{limit}");
        }
    }

    #[test]
    fn limit_of_a_process_is_read() {
        if cfg!(target_os = "linux") {
            assert!(limit_of("self").is_some_and(|limit| limit >= 256));
        }
        assert_eq!(limit_of("none"), None);
    }
}
