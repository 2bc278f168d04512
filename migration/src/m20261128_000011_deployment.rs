//! Values that all servers of a deployment share, such as the issuer of its access tokens.

use sea_orm_migration::{prelude::*, schema::text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create().table("deployment").col(text("name").primary_key()).col(text("value")).to_owned();
        manager.create_table(table).await
    }
}
