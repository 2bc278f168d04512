//! The format of a backup file: writing, and reading with every check that needs no database.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Error,
    catalogue::Table,
    digest::{Content, Digest, hexadecimal},
    value::Row,
};

/// The version of the format. A program refuses every other version.
const VERSION: u32 = 1;
/// The longest line, in bytes.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;
/// The number of rows that are read at once.
const PAGE: usize = 1_000;

const TRUNCATED: Error = Error::Damaged("it is truncated");
const CHECKSUM_MISMATCH: Error = Error::Damaged("its content does not match its checksum");
const UNEXPECTED_LINE: Error = Error::Damaged("it contains an unexpected line");

/// The first line of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) fieldguard_backup: u32,
    /// The version of the program that wrote the file.
    pub(super) program: String,
    pub(super) created_at: DateTime<Utc>,
    /// The type of the saved database.
    pub(super) database: String,
    /// The last applied migration.
    pub(super) schema: String,
}

impl Header {
    pub(super) fn new(created_at: DateTime<Utc>, database: &str, schema: String) -> Self {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Self { fieldguard_backup: VERSION, program, created_at, database: database.to_owned(), schema }
    }
}

/// The line before the rows of a table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    table: String,
    columns: Vec<String>,
}

/// The last line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    tables: usize,
    sha256: String,
}

/// Writes a backup.
pub(super) struct Writer<W: Write> {
    out: GzEncoder<W>,
    hash: Context,
    digest: Digest,
    tables: usize,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, header: &Header) -> Result<Self, Error> {
        let out = GzEncoder::new(out, Compression::fast());
        let mut new = Self { out, hash: Context::new(&SHA256), digest: Digest::new(), tables: 0 };
        new.line(&json(header))?;
        Ok(new)
    }

    pub(super) fn begin(&mut self, table: &Table) -> Result<(), Error> {
        self.digest = Digest::new();
        let columns = table.column_names().map(str::to_owned).collect();
        self.line(&json(&Start { table: table.name.clone(), columns }))
    }

    pub(super) fn rows(&mut self, rows: &[Row]) -> Result<(), Error> {
        for row in rows {
            let line = row.line();
            self.digest.add(&line);
            self.line(&line)?;
        }
        Ok(())
    }

    /// Ends a table and returns its number of rows.
    pub(super) fn end_table(&mut self) -> Result<u64, Error> {
        self.tables += 1;
        let content = std::mem::replace(&mut self.digest, Digest::new()).finish();
        self.line(&json(&content))?;
        Ok(content.rows)
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        let end = json(&End { tables: self.tables, sha256: hexadecimal(self.hash) });
        self.out.write_all(end.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.finish()?.flush()?;
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), Error> {
        for part in [line.as_bytes(), b"\n"] {
            self.hash.update(part);
            self.out.write_all(part)?;
        }
        Ok(())
    }
}

fn json(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("strings and numbers serialize to JSON")
}

/// Reads a backup.
pub(super) struct Reader<R: Read> {
    lines: BufReader<GzDecoder<BufReader<R>>>,
    line: Vec<u8>,
    /// The hash of all lines before the current one.
    hash: Context,
    digest: Digest,
    tables: usize,
}

impl<R: Read> Reader<R> {
    pub(super) fn open(file: R) -> Result<(Self, Header), Error> {
        let lines = BufReader::new(GzDecoder::new(BufReader::new(file)));
        let mut new = Self { lines, line: Vec::new(), hash: Context::new(&SHA256), digest: Digest::new(), tables: 0 };
        let begun = new.next();
        if let Err(Error::Damaged(_)) = begun {
            return Err(Error::NotABackup);
        }
        begun?;
        let first: serde_json::Value = new.parsed().map_err(|_| Error::NotABackup)?;
        match first["fieldguard_backup"].as_u64() {
            None => Err(Error::NotABackup),
            Some(version) if version != u64::from(VERSION) => Err(Error::NewerBackup(format!("format {version}"))),
            Some(_) => {
                let header = new.parsed()?;
                Ok((new, header))
            }
        }
    }

    /// Reads the first line of `table`.
    pub(super) fn begin(&mut self, table: &Table) -> Result<(), Error> {
        self.next()?;
        let start: Start = self.parsed()?;
        if start.table != table.name || !start.columns.iter().map(String::as_str).eq(table.column_names()) {
            return Err(Error::Damaged("its tables do not match its schema"));
        }
        self.digest = Digest::new();
        Ok(())
    }

    /// The next rows of the table; fewer than a page at its end.
    pub(super) fn rows(&mut self, table: &Table) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        while rows.len() < PAGE {
            self.next()?;
            if !self.line.starts_with(b"[") {
                // `end_table` parses this line.
                break;
            }
            let row = Row::parse(&self.line).filter(|row| row.fits(table)).ok_or(UNEXPECTED_LINE)?;
            let line = std::str::from_utf8(&self.line).map_err(|_| UNEXPECTED_LINE)?;
            self.digest.add(line.trim_end_matches('\n'));
            rows.push(row);
        }
        Ok(rows)
    }

    /// Ends the table, after [`Self::rows`] returned less than a page.
    fn end_table(&mut self) -> Result<Content, Error> {
        self.tables += 1;
        let noted: Content = self.parsed()?;
        let content = std::mem::replace(&mut self.digest, Digest::new()).finish();
        if noted == content { Ok(content) } else { Err(CHECKSUM_MISMATCH) }
    }

    /// Passes the rows of the table to `each` in batches.
    pub(super) async fn table(
        &mut self,
        table: &Table,
        mut each: impl AsyncFnMut(Vec<Row>) -> Result<(), Error>,
    ) -> Result<Content, Error> {
        self.begin(table)?;
        loop {
            let rows = self.rows(table)?;
            let is_last = rows.len() < PAGE;
            each(rows).await?;
            if is_last {
                return self.end_table();
            }
        }
    }

    /// Reads the last line, which must be the end of the file, and returns the checksum.
    pub(super) fn finish(mut self) -> Result<String, Error> {
        self.next()?;
        let end: End = self.parsed()?;
        // A line enters the hash when the next one is read, so this line is not in it.
        let sha256 = hexadecimal(self.hash.clone());
        if end.sha256 != sha256 || end.tables != self.tables {
            return Err(CHECKSUM_MISMATCH);
        }
        let rest = self.lines.fill_buf().map_err(of_io)?.len();
        let after = self.lines.get_mut().get_mut().fill_buf()?.len();
        if rest + after > 0 { Err(Error::Damaged("there is data after its end")) } else { Ok(sha256) }
    }

    /// Reads the next line, which must exist.
    fn next(&mut self) -> Result<(), Error> {
        self.hash.update(&self.line);
        self.line.clear();
        let mut lines = (&mut self.lines).take(LONGEST_LINE);
        lines.read_until(b'\n', &mut self.line).map_err(of_io)?;
        if self.line.ends_with(b"\n") { Ok(()) } else { Err(TRUNCATED) }
    }

    fn parsed<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.line).map_err(|_| UNEXPECTED_LINE)
    }
}

/// Converts a decompression error.
fn of_io(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => TRUNCATED,
        ErrorKind::InvalidInput | ErrorKind::InvalidData => CHECKSUM_MISMATCH,
        _ => Error::Io(error),
    }
}
