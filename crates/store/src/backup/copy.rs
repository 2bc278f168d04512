//! Copies a database to another, of either type.

use chrono::{DateTime, Utc};

use super::{
    Catalogue, Error, Summary,
    catalogue::Table,
    digest::{Content, Digest},
    keys::{self, StoredKey},
    read::{Pages, content},
    target::Target,
    write::insert,
};
use crate::{
    Reader, Store, audit,
    migrate::{self, SchemaTx},
};
use fieldguard_domain::audit::Verdict;

/// A verified copy that is not committed yet, because the private half of the signing key may have to move.
#[derive(Debug)]
pub struct Copied {
    tx: SchemaTx,
    summary: Summary,
}

/// Copies every row of a snapshot of `from` to `to`, which must be empty. Reads back what was written, and compares row
/// counts, digests and the verification of the audit log on both sides.
///
/// # Errors
///
/// [`Error::NotEmpty`] if `to` has rows. After any error `to` is unchanged.
pub async fn copy(from: &Store, to: &Store, progress: impl Fn(&str, u64)) -> Result<Copied, Error> {
    let source = from.snapshot().await?;
    let catalogue = Catalogue::found(&source).await?.ok_or(Error::NoSchema)?;
    let target = Target::open(to).await?;
    target.require_empty().await?;
    target.reset_to(&catalogue).await?;
    let mut tables = Vec::new();
    for table in &catalogue.tables {
        let copied = copy_table(&source, &target.tx, table).await?;
        if content(&target.tx, table).await? != copied {
            return Err(Error::Differs(table.name.clone()));
        }
        progress(&table.name, copied.rows);
        tables.push((table.name.clone(), copied.rows));
    }
    target.complete(&catalogue).await?;
    let verdict = audit::verify_in(&target.tx, None).await?;
    // This program cannot read the audit log of an older schema.
    if catalogue.steps == migrate::known().len() && !is_same(&audit::verify_in(&source, None).await?, &verdict) {
        return Err(Error::AuditDiffers);
    }
    Ok(Copied { tx: target.tx, summary: Summary { tables, audit: Some(verdict) } })
}

async fn copy_table(source: &impl Reader, target: &impl Reader, table: &Table) -> Result<Content, Error> {
    let (mut pages, mut digest) = (Pages::of(table), Digest::new());
    while let Some(rows) = pages.next(source).await? {
        digest.add_rows(&rows);
        insert(target, table, &rows).await?;
    }
    Ok(digest.finish())
}

fn is_same(one: &Verdict, other: &Verdict) -> bool {
    match (one, other) {
        (Verdict::Whole { last, hash, .. }, Verdict::Whole { last: other_last, hash: other_hash, .. }) => {
            last == other_last && hash == other_hash
        }
        (Verdict::Broken { number, .. }, Verdict::Broken { number: other, .. }) => number == other,
        _ => false,
    }
}

impl Copied {
    /// The summary of the copy.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The keys that verify at `now`, with their private halves if the database has them.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn signing_keys(&self, now: DateTime<Utc>) -> Result<Vec<StoredKey>, Error> {
        keys::verifying(&self.tx, now).await
    }

    /// Sets the private half of a key in the database.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn set_private_key(&self, kid: &str, private: &[u8]) -> Result<(), Error> {
        keys::set_private(&self.tx, kid, private.to_vec()).await
    }

    /// Commits the copy.
    ///
    /// # Errors
    ///
    /// If the database does not confirm.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.tx.commit().await?)
    }
}
