//! The tables and columns of the schema after the first migrations.

use fieldguard_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, QueryResult};

use super::{Error, value::ColumnType};
use crate::dialect::Dialect;
use crate::{Reader, migrate};
use fieldguard_domain::overview::DatabaseType;

/// The SQLite table that numbers users for the search. Triggers fill it.
const DERIVED: &str = "account_search_rows";

/// The schema after the first `steps` migrations.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) steps: usize,
    /// The tables, referenced ones first.
    pub(super) tables: Vec<Table>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// Without columns that the database generates.
    pub(super) columns: Vec<Column>,
    /// The indexes of the primary key columns.
    pub(super) key: Vec<usize>,
    /// The number of rows that the migrations insert.
    pub(super) seeds: u64,
    references: Vec<String>,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnType,
}

impl Catalogue {
    /// Applies the first `steps` migrations to a database in memory and reads its schema.
    pub(super) async fn of(steps: usize) -> Result<Self, Error> {
        // A second connection would open a second database.
        let options = ConnectOptions::new("sqlite::memory:").max_connections(1).sqlx_logging(false).to_owned();
        let memory = InMemory(Database::connect(options).await?);
        Migrator::up(&memory.0, Some(u32::try_from(steps).unwrap_or(u32::MAX))).await?;
        let mut tables = Vec::new();
        for name in table_names(&memory).await? {
            tables.push(Table::read(&memory, name).await?);
        }
        memory.0.close().await?;
        Ok(Self { steps, tables: ordered(tables)? })
    }

    /// The schema of a database. `None` if it has none.
    pub(super) async fn found(reader: &impl Reader) -> Result<Option<Self>, Error> {
        let (applied, known) = (migrate::applied(reader).await?, migrate::known());
        if let Some(missing) = known.iter().take(applied.len()).find(|step| !applied.contains(step)) {
            return Err(Error::MissingMigration(missing.clone()));
        }
        if applied.is_empty() { Ok(None) } else { Ok(Some(Self::of(applied.len()).await?)) }
    }

    /// The name of the last migration.
    pub(super) fn last_step(&self) -> String {
        migrate::known().into_iter().nth(self.steps.saturating_sub(1)).unwrap_or_default()
    }

    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|each| each.name == table)
    }
}

/// A database in memory.
struct InMemory(DatabaseConnection);

impl Reader for InMemory {
    type Connection = DatabaseConnection;

    fn kind(&self) -> DatabaseType {
        DatabaseType::Sqlite
    }

    fn connection(&self) -> &DatabaseConnection {
        &self.0
    }
}

async fn table_names(tx: &impl Reader) -> Result<Vec<String>, Error> {
    // Excludes virtual tables and their storage tables: both are indexes of other tables.
    let sql = format!(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' \
         AND name NOT IN ('seaql_migrations', '{DERIVED}') ORDER BY name"
    );
    let rows = all(tx, sql).await?;
    Ok(rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?)
}

async fn all(tx: &impl Reader, sql: String) -> Result<Vec<QueryResult>, Error> {
    Ok(tx.connection().query_all_raw(tx.kind().statement(sql, [])).await?)
}

impl Table {
    async fn read(tx: &impl Reader, name: String) -> Result<Self, Error> {
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        // `hidden` is 0 for a column whose values are stored as they are given.
        let sql = format!("SELECT name, type, pk FROM pragma_table_xinfo('{name}') WHERE hidden = 0 ORDER BY cid");
        for (place, row) in all(tx, sql).await?.iter().enumerate() {
            let (column, declared): (String, String) = (row.try_get("", "name")?, row.try_get("", "type")?);
            let position: i32 = row.try_get("", "pk")?;
            if position > 0 {
                key.push((position, place));
            }
            let Some(kind) = ColumnType::declared(&declared) else {
                return Err(Error::Type { table: name, column, declared });
            };
            columns.push(Column { name: column, kind });
        }
        key.sort_unstable();
        let key = key.into_iter().map(|(_, place)| place).collect();
        let references = all(tx, format!("SELECT \"table\" AS name FROM pragma_foreign_key_list('{name}')")).await?;
        let references = references.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?;
        let seeds = super::target::count(tx, &name, u64::MAX >> 1).await?;
        Ok(Self { name, columns, key, seeds, references })
    }

    /// The names of the columns.
    pub(super) fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The error for a value that does not have the type of this column.
    pub(super) fn invalid_value(&self, column: &Column) -> Error {
        Error::Value { table: self.name.clone(), column: column.name.clone() }
    }
}

/// Sorts the tables so that each follows the tables it references.
fn ordered(mut left: Vec<Table>) -> Result<Vec<Table>, Error> {
    let mut ordered: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let is_ready = |table: &Table| {
            let is_placed = |name: &String| *name == table.name || ordered.iter().any(|other| other.name == *name);
            table.references.iter().all(is_placed)
        };
        let next = left.iter().position(is_ready).ok_or(Error::Cycle)?;
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn current() -> Catalogue {
        Catalogue::of(migrate::known().len()).await.unwrap()
    }

    #[tokio::test]
    async fn referenced_tables_come_first_and_every_table_has_a_key() {
        let catalogue = current().await;
        for (place, table) in catalogue.tables.iter().enumerate() {
            assert!(!table.key.is_empty(), "{}", table.name);
            for name in &table.references {
                assert!(catalogue.tables[..place].iter().any(|other| other.name == *name), "{} {name}", table.name);
            }
        }
    }

    #[tokio::test]
    async fn every_schema_version_can_be_saved() {
        for steps in 1..=migrate::known().len() {
            assert!(Catalogue::of(steps).await.unwrap().has("accounts"), "{steps}");
        }
    }

    #[tokio::test]
    async fn generated_columns_are_excluded() {
        let catalogue = current().await;
        let accounts = catalogue.tables.iter().find(|table| table.name == "accounts").unwrap();
        let names: Vec<_> = accounts.column_names().collect();
        assert!(names.contains(&"last_sign_in_at") && !names.contains(&"last_sign_in_order"), "{names:?}");
    }
}
