//! The free space where an SQLite database is. PostgreSQL's disk can't be seen from here.

use std::path::Path;

use rustix::{fs::statvfs, io::Errno};

use super::Finding;
use crate::{config::Config, store::in_words};

const CHECK: &str = "disk";

const MEBIBYTE: u64 = 1024 * 1024;
/// A backup, a migration and SQLite's log need room, too.
const LOW: u64 = 1024 * MEBIBYTE;
const FULL: u64 = 64 * MEBIBYTE;

pub(super) fn check(config: &Config) -> Option<Finding> {
    let database = config.database();
    let directory = database.path()?.parent()?;
    Some(match statvfs(directory) {
        // The first start creates it.
        Err(Errno::NOENT) => return None,
        Err(error) => Finding::problem(CHECK, format!("{}: {}", directory.display(), in_words(&error.into()))),
        Ok(system) => judge(directory, system.f_bavail.saturating_mul(system.f_frsize)),
    })
}

fn judge(directory: &Path, free: u64) -> Finding {
    let text = format!("{} MiB free in {}", free / MEBIBYTE, directory.display());
    if free < FULL {
        Finding::problem(CHECK, format!("{text}; make room, or writes will fail"))
    } else if free < LOW {
        Finding::warning(CHECK, format!("{text}; make room"))
    } else {
        Finding::ok(CHECK, text)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Status, *};

    #[test]
    fn little_room_is_a_warning_and_none_a_problem() {
        let status = |free| judge(Path::new("/data"), free).status;
        assert_eq!(
            [FULL - 1, FULL, LOW - 1, LOW].map(status),
            [Status::Problem, Status::Warning, Status::Warning, Status::Ok]
        );
    }
}
