//! Opens and checks a backup.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom},
    path::Path,
};

use chrono::{DateTime, Utc};

use super::{
    Catalogue, Error,
    digest::Content,
    format::{Header, Reader},
    save::saved,
};
use crate::migrate;

/// A complete backup with a schema that this program knows.
pub struct Backup {
    file: File,
    header: Header,
    pub(super) catalogue: Catalogue,
    pub(super) contents: Vec<Content>,
    pub(super) sha256: String,
}

impl Backup {
    /// Reads and checks the whole file. Opens nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read; [`Error::NotABackup`], [`Error::Damaged`] and [`Error::NewerBackup`]
    /// for its content.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path)?;
        let (mut reader, header) = Reader::open(file.try_clone()?)?;
        let last = migrate::known().iter().position(|step| *step == header.schema);
        let steps = last.ok_or_else(|| Error::NewerBackup(format!("schema {}", header.schema)))? + 1;
        let catalogue = Catalogue::of(steps).await?;
        let mut contents = Vec::new();
        for table in saved(&catalogue) {
            contents.push(reader.table(table, async |_| Ok(())).await?);
        }
        let sha256 = reader.finish()?;
        Ok(Self { file, header, catalogue, contents, sha256 })
    }

    /// The time of the backup.
    #[must_use]
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.header.created_at
    }

    /// Reads the file again from the start.
    pub(super) fn reader(&self) -> Result<Reader<File>, Error> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Reader::open(file)?.0)
    }
}
