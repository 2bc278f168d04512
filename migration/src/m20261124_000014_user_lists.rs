//! Indexes for ordering and filtering lists of accounts. Each ends with a unique column. Names are compared by code
//! point on both databases.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Raw SQL, because the builder does not support indexes with a condition for SQLite.
const STEPS: &[&str] = &[
    "CREATE INDEX accounts_created_at_id ON accounts (created_at, id)",
    "DROP INDEX accounts_created_at",
    "CREATE INDEX accounts_last_sign_in ON accounts (last_sign_in_order, id)",
    "CREATE INDEX accounts_disabled ON accounts (disabled_at) WHERE disabled_at IS NOT NULL",
    "CREATE INDEX account_roles_role_id_account_id ON account_roles (role_id, account_id)",
    "DROP INDEX account_roles_role_id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            // SQLite compares bytes by default. PostgreSQL follows the language of the database, and rebuilds the
            // unique index.
            let by_bytes = "ALTER TABLE accounts ALTER COLUMN username_key TYPE text COLLATE \"C\"";
            connection.execute_unprepared(by_bytes).await?;
        }
        // Accounts that never signed in come first. No sign-in has the time -1. This is a column, because SQLite does
        // not use an index on an expression for row values. Each database supports one kind of generated column.
        let kind = if is_postgres { "STORED" } else { "VIRTUAL" };
        let last_sign_in = format!(
            "ALTER TABLE accounts ADD COLUMN last_sign_in_order bigint GENERATED ALWAYS AS (coalesce(last_sign_in_at, -1)) {kind}"
        );
        connection.execute_unprepared(&last_sign_in).await?;
        for step in STEPS {
            connection.execute_unprepared(step).await?;
        }
        Ok(())
    }
}
