//! Accounts on SQLite are stored in their primary key, so that a list in the order of ids reads one B-tree and not two,
//! and a write changes one page less. PostgreSQL has no such layout.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What belongs to the table and is dropped with it, in the order of creation.
const DEPENDENTS: &str =
    "SELECT sql FROM sqlite_schema WHERE tbl_name = 'accounts' AND type IN ('index', 'trigger') AND sql IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            return Ok(());
        }
        let database = manager.get_connection();
        refuse_cascade(database).await?;
        let dependents = texts(database, DEPENDENTS).await?;
        let table = texts(database, "SELECT sql FROM sqlite_schema WHERE name = 'accounts'").await?.concat();
        // `pragma_table_info` omits generated columns, which accept no values.
        let columns = texts(database, "SELECT name AS sql FROM pragma_table_info('accounts')").await?.join(", ");
        let table = table.replacen("\"accounts\"", "\"accounts_by_id\"", 1);
        let copy = format!("INSERT INTO accounts_by_id ({columns}) SELECT {columns} FROM accounts ORDER BY id");
        for step in [&format!("{table} WITHOUT ROWID"), &copy, "DROP TABLE accounts", RENAME] {
            database.execute_unprepared(step).await?;
        }
        for step in dependents {
            database.execute_unprepared(&step).await?;
        }
        Ok(())
    }
}

/// Other tables refer to `accounts` by its name, which the new table takes.
const RENAME: &str = "ALTER TABLE accounts_by_id RENAME TO accounts";

/// With foreign keys enforced, dropping the table would delete the sessions and roles of all accounts. The store turns
/// them off before the transaction, where alone SQLite allows that, and checks them before the commit.
async fn refuse_cascade(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = "SELECT 'enforced' AS sql FROM pragma_foreign_keys \
               WHERE foreign_keys = 1 AND EXISTS (SELECT 1 FROM accounts)";
    if texts(database, sql).await?.is_empty() {
        return Ok(());
    }
    Err(DbErr::Migration("run `fieldguard migrate`: this step needs a connection without foreign keys".to_owned()))
}

async fn texts(database: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = database.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    rows.iter().map(|row| row.try_get("", "sql")).collect()
}
