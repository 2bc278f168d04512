//! Messages for the operator about a database that cannot be used: with the path, or the host and the database name,
//! and the cause. They never contain a password or a whole URL, and clients never see them.

use std::path::Path;

use rustix::fs::statvfs;

use super::{Error, Location, cause::in_words, postgres::address};

impl Location {
    /// Why the database cannot be opened, as a sentence without a period.
    #[must_use]
    pub fn cannot_open(&self, error: &Error) -> String {
        format!("cannot open {}", self.failure(error))
    }

    /// Why the open database cannot be used, as a sentence without a period.
    #[must_use]
    pub fn cannot_use(&self, error: &Error) -> String {
        format!("cannot use {}", self.failure(error))
    }

    fn failure(&self, error: &Error) -> String {
        match self {
            Self::Memory => format!("the database in memory: {}", reason(error)),
            Self::File(path) => format!("{}: {}", path.display(), reason_of_file(path, error)),
            Self::Postgres(url) => match address(url) {
                Some((name, server)) if is_about_the_database(error) => {
                    format!("the PostgreSQL database `{name}` at {server}: {}", reason(error))
                }
                Some((name, server)) => format!("the PostgreSQL database `{name}`: {} at {server}", reason(error)),
                None => format!("the PostgreSQL database: {}", reason(error)),
            },
        }
    }
}

/// Whether the database was reached, and itself is the cause.
const fn is_about_the_database(error: &Error) -> bool {
    matches!(error, Error::Missing | Error::Newer | Error::Encoding(_) | Error::TransactionPooler)
}

fn reason(error: &Error) -> String {
    match error {
        Error::Missing => {
            "there is no database; run `fieldguard serve` or `fieldguard migrate` to create it".to_owned()
        }
        Error::Encoding(encoding) => format!(
            "its encoding is {encoding} and must be UTF8; create a database with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`"
        ),
        Error::TransactionPooler => {
            "a pooler in transaction mode is in front of it; set `database_pooling = \"transaction\"`, or use \
                                     the pooler in session mode, which takes fewer round trips"
                .to_owned()
        }
        Error::Newer => "it belongs to a newer version of Fieldguard; run that version".to_owned(),
        Error::File(error) => in_words(error),
        Error::Busy(cause) | Error::Unavailable(cause) | Error::Uncertain(cause) | Error::Database(cause) => {
            cause.to_string()
        }
        Error::Taken { .. } | Error::Url(_) => error.to_string().trim_end_matches('.').to_owned(),
    }
}

fn reason_of_file(path: &Path, error: &Error) -> String {
    match error {
        // SQLite reports a failure to enlarge a file as an I/O error, and a failure to create one as a file that cannot
        // be opened.
        Error::Busy(cause) | Error::Unavailable(cause) | Error::Database(cause)
            if cause.may_be_full_disk() && is_full(path) =>
        {
            "no space left on device".to_owned()
        }
        _ => reason(error),
    }
}

/// Whether the file system has no free block, or no free inode if it counts them.
fn is_full(path: &Path) -> bool {
    path.parent()
        .and_then(|directory| statvfs(directory).ok())
        .is_some_and(|system| system.f_bavail == 0 || (system.f_files > 0 && system.f_favail == 0))
}
