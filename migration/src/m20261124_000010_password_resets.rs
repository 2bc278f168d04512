//! Password reset codes, at most one per account. Only their SHA-256 hash is stored.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, blob, pk_uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let resets = Table::create()
            .table("password_resets")
            .col(pk_uuid("account_id"))
            .col(blob("code_hash"))
            .col(big_integer("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("password_resets_account_id")
                    .from("password_resets", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(resets).await?;
        let code = Index::create()
            .unique()
            .name("password_resets_code_hash")
            .table("password_resets")
            .col("code_hash")
            .to_owned();
        manager.create_index(code).await
    }
}
