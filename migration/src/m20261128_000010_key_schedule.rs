//! When a key starts to sign, so that it can be published before.

use sea_orm_migration::{prelude::*, schema::big_integer_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// A key without this time does not sign: it is published and not scheduled yet, or it signed before this migration.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer_null("signs_from");
        manager.alter_table(Table::alter().table("signing_keys").add_column(column).to_owned()).await?;
        // At most one key is the newest that signs or will sign. Raw SQL, because the builder does not support such a
        // condition for SQLite.
        for sql in [
            "UPDATE signing_keys SET signs_from = created_at WHERE verifies_until IS NULL AND retired_at IS NULL",
            "DROP INDEX signing_keys_signs",
            "CREATE UNIQUE INDEX signing_keys_signs ON signing_keys (algorithm) \
             WHERE signs_from IS NOT NULL AND verifies_until IS NULL AND retired_at IS NULL",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
