//! Saves a whole database to a file, restores it, and copies one database to another, in any direction between SQLite
//! and PostgreSQL.
//!
//! # One row layer
//!
//! All three use the same layer. A `Catalogue` lists the tables and columns. It is not written by hand, but read from
//! an SQLite database in memory with the same migrations, so a migration that adds a column needs no change here. A row
//! is a JSON array. A value has the same form for both databases: an identifier is a string, bytes are base64. Rows are
//! read in the order of the primary key, in pages, from one snapshot. The SHA-256 over those arrays is the digest of a
//! table: two tables with the same digest have the same rows.
//!
//! # The file
//!
//! Gzip-compressed lines of JSON: a header with the version of the format and the last migration; for each table,
//! referenced tables first, a line with its column names, its rows, and a line with their number and digest; and a last
//! line with the SHA-256 of everything before it. [`Backup::open`] reads the whole file before anything is changed.
//!
//! A file contains nothing that a restore would have to revoke: no session, personal access token, password reset code
//! or server secret, and no private half of a signing key. A restore creates the schema of the backup, inserts the
//! rows, compares digests, stops all signing keys, applies the later migrations and commits, all in one transaction.
//!
//! The checksum detects damage, not forgery: a program that can write the file can write a new checksum. The hash chain
//! of the audit log is verified as well.

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

/// The result of a save, restore or copy.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Each table with its number of rows.
    pub tables: Vec<(String, u64)>,
    /// The result of the verification of the audit log, if it was verified.
    pub audit: Option<Verdict>,
}

impl Summary {
    /// The number of rows in this table.
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

/// The directory of an SQLite database file. `None` for a database in memory or on PostgreSQL.
#[must_use]
pub fn directory(location: &Location) -> Option<PathBuf> {
    Some(location.path()?.parent().map(PathBuf::from).unwrap_or_default())
}
