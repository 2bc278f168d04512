//! The memory for password hashes and pending answers against the limit of the machine or the control group.

use std::{fs, path::Path};

use super::Finding;
use crate::{app::parts, config::Config};

const CHECK: &str = "memory";
const KIBIBYTE: u64 = 1024;
const MEBIBYTE: u64 = 1024 * KIBIBYTE;

/// What the process needs besides: the program, its caches and the database's.
const REST: u64 = 128 * MEBIBYTE;

/// Of the running server, if its process is known; else of this command.
pub(super) fn check(config: &Config, server: Option<u32>) -> Finding {
    let hashing = parts::hashing(config);
    let hashes = u64::from(hashing.memory_kib) * KIBIBYTE * hashing.threads as u64;
    let need = hashes + config.limits.pending_answer_bytes as u64 + REST;
    let group = server.and_then(|process| limit_of_group(&process.to_string())).or_else(|| limit_of_group("self"));
    // A group without a limit has a very large one.
    match [group, total()].into_iter().flatten().min() {
        Some(limit) => judge(need, limit),
        None => Finding::ok(CHECK, "this system does not tell the limit"),
    }
}

/// The limit of the process's control group (cgroup version 2 or 1), if it has one.
fn limit_of_group(process: &str) -> Option<u64> {
    let groups = fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let of = |file: &Path| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let root = Path::new("/sys/fs/cgroup");
    // In a container the path may be that outside of it.
    let files =
        [root.join(path).join("memory.max"), root.join("memory.max"), root.join("memory/memory.limit_in_bytes")];
    files.iter().find_map(|file| of(file))
}

fn total() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * KIBIBYTE)
}

fn judge(need: u64, limit: u64) -> Finding {
    let text = format!("up to {} MiB of {} MiB", need / MEBIBYTE, limit / MEBIBYTE);
    let remedy = "raise the limit, or lower `hash.threads`, `hash.memory_kib` or `limits.pending_answer_bytes`";
    if need > limit {
        Finding::problem(CHECK, format!("{text}: the system may kill the server; {remedy}"))
    } else if need > limit / 5 * 4 {
        Finding::warning(CHECK, format!("{text}; {remedy}"))
    } else {
        Finding::ok(CHECK, text)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Status, *};

    #[test]
    fn need_is_compared_with_the_limit() {
        let status = |need| judge(need, 1_000).status;
        assert_eq!(
            [800, 801, 1_000, 1_001].map(status),
            [Status::Ok, Status::Warning, Status::Warning, Status::Problem]
        );
    }

    #[test]
    fn limits_are_read_from_the_system() {
        assert_eq!(limit_of_group("none"), None);
        if cfg!(target_os = "linux") {
            assert!(total().is_some_and(|bytes| bytes > 64 * MEBIBYTE));
        }
    }
}
