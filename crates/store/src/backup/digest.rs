//! Counts the rows of a table and hashes them.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

use super::value::Row;

/// A running count and hash of rows.
pub(super) struct Digest {
    rows: u64,
    hash: Context,
}

/// The number of rows, and their SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Content {
    pub(super) rows: u64,
    pub(super) sha256: String,
}

impl Digest {
    pub(super) fn new() -> Self {
        Self { rows: 0, hash: Context::new(&SHA256) }
    }

    /// Adds a row, which is one line of JSON.
    pub(super) fn add(&mut self, line: &str) {
        self.rows += 1;
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
    }

    /// Adds rows in their order.
    pub(super) fn add_rows(&mut self, rows: &[Row]) {
        for row in rows {
            self.add(&row.line());
        }
    }

    pub(super) fn finish(self) -> Content {
        Content { rows: self.rows, sha256: hexadecimal(self.hash) }
    }
}

/// The hash of everything in `context`.
pub(super) fn hexadecimal(context: Context) -> String {
    HEXLOWER.encode(context.finish().as_ref())
}
