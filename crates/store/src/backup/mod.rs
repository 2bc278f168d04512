//! Saves a whole database to a file, restores it, and copies one database to another, between SQLite and PostgreSQL in both
//! directions.
//!
//! # One row layer
//!
//! All three go through the same layer. A `Catalogue` says which tables and columns there are. It is not written by hand: it
//! is read from an SQLite database in memory to which the same migrations were applied, so a migration that adds a column
//! needs no change here. A row is a JSON array in which a value has the same form whichever database it comes from: an
//! identifier is its text, bytes are base64. Rows are read in the order of the primary key, a page at a time, in one
//! transaction that sees one moment. The SHA-256 over those arrays is the digest of a table: two tables with the same digest
//! hold the same rows.
//!
//! # The file
//!
//! Gzip-compressed lines of JSON: a header with the version of the format and the last migration; for each table, referenced
//! tables first, a line that names its columns, its rows, and a line with their number and digest; and a last line with the
//! SHA-256 of everything before it. [`Backup::open`] reads all of it before anything is changed.
//!
//! A file holds nothing that a restore would have to revoke: no session, personal access token, password reset code or
//! server secret, and no private half of a signing key. Restoring creates the schema as of the backup, inserts the rows,
//! compares digests, ends all signing keys, applies the later migrations and commits, all in one transaction.
//!
//! The checksum finds damage, not forgery: a program that can write the file can write a new checksum. The hash chain of the audit log
//! is verified as well.

mod catalogue;
mod copy;
mod digest;
mod draft;
mod error;
mod format;
mod keys;
mod open;
mod read;
mod restore;
mod save;
mod target;
mod value;
mod write;

use catalogue::Catalogue;

pub use self::{
    copy::{Copied, copy},
    draft::Draft,
    error::Error,
    keys::StoredKey,
    open::Backup,
    save::save,
};
use crate::Location;
use fieldguard_domain::audit::Verdict;

use std::path::PathBuf;

/// What was saved, restored or copied.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Each table with its number of rows.
    pub tables: Vec<(String, u64)>,
    /// What verifying the audit log found, where it was verified.
    pub audit: Option<Verdict>,
}

impl Summary {
    /// The number of rows in that table.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows)
    }

    /// The number of rows in all tables.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

/// The directory of the file of an SQLite database; nothing for a database in memory or on PostgreSQL.
#[must_use]
pub fn directory(location: &Location) -> Option<PathBuf> {
    Some(location.path()?.parent().map(PathBuf::from).unwrap_or_default())
}
