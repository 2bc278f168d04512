//! When the user last entered the password in a session. Existing sessions are not fresh.

use sea_orm_migration::{prelude::*, schema::big_integer};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer("authenticated_at").default(0).to_owned();
        manager.alter_table(Table::alter().table("sessions").add_column(column).to_owned()).await
    }
}
