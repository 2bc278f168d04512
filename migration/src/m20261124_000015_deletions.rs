//! Scheduled deletions of accounts, and accounts whose password hash was imported from another system.

use sea_orm_migration::{prelude::*, schema::big_integer_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["deletion_due_at", "hash_imported_at"] {
            let add = Table::alter().table("accounts").add_column(big_integer_null(column)).to_owned();
            manager.alter_table(add).await?;
            // Few accounts have either value. Raw SQL, because the builder does not support such a condition for
            // SQLite.
            let few = format!("CREATE INDEX accounts_{column} ON accounts ({column}) WHERE {column} IS NOT NULL");
            manager.get_connection().execute_unprepared(&few).await?;
        }
        Ok(())
    }
}
