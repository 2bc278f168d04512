//! Restores a backup into a database, in one transaction.

use super::{Backup, Error, Summary, keys, read::content, save::saved, target::Target, write::insert};
use crate::{Store, audit};
use fieldguard_domain::audit::Entry;

impl Backup {
    /// Replaces the content of the database with the backup, in one transaction. No session, personal access token or
    /// reset code remains, no key signs or verifies access tokens, and a key that was retired in the database stays
    /// retired. `entry`, whose time is the time of the restore, is appended to the audit log.
    ///
    /// # Errors
    ///
    /// [`Error::NotEmpty`] if the database has rows and `replace` is false. After any error the database is unchanged.
    pub async fn restore(
        self,
        store: &Store,
        replace: bool,
        entry: Entry,
        progress: impl Fn(&str, u64),
    ) -> Result<Summary, Error> {
        let target = Target::open(store).await?;
        if !replace {
            target.require_empty().await?;
        }
        let retired = if target.has(keys::TABLE) { keys::retired(&target.tx).await? } else { Vec::new() };
        target.reset_to(&self.catalogue).await?;
        let tables = self.insert_into(&target, progress).await?;
        target.complete(&self.catalogue).await?;
        let tx = target.tx;
        keys::stop_all(&tx, entry.at).await?;
        keys::retire(&tx, &retired, entry.at).await?;
        let verdict = audit::verify_in(&tx, None).await?;
        audit::append(&tx, &[entry]).await?;
        tx.commit().await?;
        Ok(Summary { tables, audit: Some(verdict) })
    }

    /// Inserts the rows and compares the stored rows with the checked ones.
    async fn insert_into(&self, target: &Target, progress: impl Fn(&str, u64)) -> Result<Vec<(String, u64)>, Error> {
        let (tx, mut tables) = (&target.tx, Vec::new());
        let mut reader = self.reader()?;
        for (table, checked) in saved(&self.catalogue).zip(&self.contents) {
            reader.table(table, async |rows| insert(tx, table, &rows).await).await?;
            if content(tx, table).await? != *checked {
                return Err(Error::Differs(table.name.clone()));
            }
            progress(&table.name, checked.rows);
            tables.push((table.name.clone(), checked.rows));
        }
        if reader.finish()? != self.sha256 {
            return Err(Error::Damaged("it changed while it was being read"));
        }
        Ok(tables)
    }
}
