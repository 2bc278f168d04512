//! Prepares the target database of a restore or copy.

use sea_orm::ConnectionTrait;

use super::{Catalogue, Error, catalogue::Table, read::quoted};
use crate::dialect::Dialect;
use crate::{
    Reader, Store,
    migrate::{self, SchemaTx},
};
use fieldguard_domain::overview::DatabaseType;

/// Maximum number of rows that one statement deletes on SQLite, so that it stays short.
const DELETED_AT_ONCE: u32 = 10_000;

/// An open transaction on a target. No other connection reads or writes the target until it ends.
pub(super) struct Target {
    pub(super) tx: SchemaTx,
    /// The schema of the target. `None` if it has none yet.
    found: Option<Catalogue>,
}

impl Target {
    /// Begins the transaction. On PostgreSQL, servers on the database wait from here on, and then see the whole change
    /// or nothing.
    pub(super) async fn open(store: &Store) -> Result<Self, Error> {
        let tx = Box::pin(store.change_schema()).await?;
        let found = Catalogue::found(&tx).await?;
        if let Some(found) = &found {
            lock(&tx, found).await?;
        }
        Ok(Self { tx, found })
    }

    /// Whether the target has this table.
    pub(super) fn has(&self, table: &str) -> bool {
        self.found.as_ref().is_some_and(|found| found.has(table))
    }

    /// Fails if the target has rows that no migration inserted.
    pub(super) async fn require_empty(&self) -> Result<(), Error> {
        for table in self.found.iter().flat_map(|found| &found.tables) {
            if count(&self.tx, &table.name, table.seeds + 1).await? > table.seeds {
                return Err(Error::NotEmpty(table.name.clone()));
            }
        }
        Ok(())
    }

    /// Deletes every row and changes the schema to `catalogue`, newer or older.
    pub(super) async fn reset_to(&self, catalogue: &Catalogue) -> Result<(), Error> {
        let mut steps = 0;
        if let Some(found) = &self.found {
            clear(&self.tx, found).await?;
            steps = found.steps;
            if steps > catalogue.steps {
                // Migrations only go forward.
                drop_tables(&self.tx, found).await?;
                steps = 0;
            }
        }
        self.tx.up(catalogue.steps - steps).await?;
        // The rows that migrations insert are also in the backup.
        clear(&self.tx, catalogue).await
    }

    /// Applies the migrations that are newer than `catalogue`.
    pub(super) async fn complete(&self, catalogue: &Catalogue) -> Result<(), Error> {
        Ok(self.tx.up(migrate::known().len() - catalogue.steps).await?)
    }
}

async fn lock(tx: &impl Reader, catalogue: &Catalogue) -> Result<(), Error> {
    if tx.kind() == DatabaseType::Postgres {
        execute(tx, &format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", names(catalogue))).await?;
    }
    Ok(())
}

async fn clear(tx: &impl Reader, catalogue: &Catalogue) -> Result<(), Error> {
    if catalogue.tables.is_empty() {
        return Ok(());
    }
    if tx.kind() == DatabaseType::Postgres {
        execute(tx, &format!("TRUNCATE TABLE {}", names(catalogue))).await?;
        return Ok(());
    }
    for table in catalogue.tables.iter().rev() {
        let (name, key) = (quoted(&table.name), key(table));
        let some = format!("SELECT {key} FROM {name} LIMIT {DELETED_AT_ONCE}");
        while execute(tx, &format!("DELETE FROM {name} WHERE ({key}) IN ({some})")).await? > 0 {}
    }
    Ok(())
}

/// The primary key. Not every table has a `rowid`.
fn key(table: &Table) -> String {
    table.key.iter().map(|place| quoted(&table.columns[*place].name)).collect::<Vec<_>>().join(", ")
}

async fn drop_tables(tx: &impl Reader, catalogue: &Catalogue) -> Result<(), Error> {
    for table in catalogue.tables.iter().rev() {
        execute(tx, &format!("DROP TABLE {}", quoted(&table.name))).await?;
    }
    execute(tx, "DELETE FROM seaql_migrations").await?;
    Ok(())
}

fn names(catalogue: &Catalogue) -> String {
    catalogue.tables.iter().map(|table| quoted(&table.name)).collect::<Vec<_>>().join(", ")
}

async fn execute(tx: &impl Reader, sql: &str) -> Result<u64, Error> {
    Ok(tx.connection().execute_raw(tx.kind().statement(sql, [])).await?.rows_affected())
}

/// The number of rows in a table, counted up to `most`.
pub(super) async fn count(tx: &impl Reader, table: &str, most: u64) -> Result<u64, Error> {
    let sql = format!("SELECT count(*) AS total FROM (SELECT 1 FROM {} LIMIT {most}) AS found", quoted(table));
    let row = tx.connection().query_one_raw(tx.kind().statement(sql, [])).await?;
    let total: i64 = row.map_or(Ok(0), |row| row.try_get("", "total"))?;
    Ok(total.unsigned_abs())
}
