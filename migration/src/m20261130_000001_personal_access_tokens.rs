//! The table of personal access tokens gets their name: an access token is the JWT of a session.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rename = Table::rename().table("access_tokens", "personal_access_tokens").to_owned();
        manager.rename_table(rename).await
    }
}
