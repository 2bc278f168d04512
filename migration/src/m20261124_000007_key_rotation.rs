//! Former signing keys: until when each verifies, and its public half, so that the private half can be deleted.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, text_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [text_null("public_key"), big_integer_null("verifies_until")] {
            let add = Table::alter().table("signing_keys").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        // At most one key signs. Raw SQL, because the builder does not support such a condition for SQLite.
        let one = "CREATE UNIQUE INDEX signing_keys_signs ON signing_keys (algorithm) \
                   WHERE verifies_until IS NULL AND retired_at IS NULL";
        manager.get_connection().execute_unprepared(one).await?;
        Ok(())
    }
}
