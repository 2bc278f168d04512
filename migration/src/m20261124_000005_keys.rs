//! Keys that replicas share: signing keys and named secrets.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, blob, text},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let signing_keys = Table::create()
            .table("signing_keys")
            .col(text("kid").primary_key())
            .col(text("algorithm"))
            .col(blob("private_key"))
            .col(big_integer("created_at"))
            .col(big_integer_null("retired_at"))
            .to_owned();
        manager.create_table(signing_keys).await?;
        let secrets = Table::create().table("secrets").col(text("name").primary_key()).col(blob("value")).to_owned();
        manager.create_table(secrets).await
    }
}
