//! When the attempts in flight began, as a JSON array of milliseconds. Two servers that verify sign-ins of one account
//! at the same time wait for each other.

use sea_orm_migration::{prelude::*, schema::text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text("in_flight").default("[]").to_owned();
        manager.alter_table(Table::alter().table("attempts").add_column(column).to_owned()).await
    }
}
