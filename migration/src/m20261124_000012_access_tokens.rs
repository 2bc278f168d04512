//! Personal access tokens. Only their SHA-256 hash is stored.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, blob, pk_uuid, text, text_null, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tokens = Table::create()
            .table("access_tokens")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(blob("token_hash"))
            .col(text("name"))
            // A JSON array of names, because they are always read and written together.
            .col(text("permissions"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("last_used_at"))
            .col(text_null("last_used_address"))
            .foreign_key(
                ForeignKey::create()
                    .name("access_tokens_account_id")
                    .from("access_tokens", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(tokens).await?;
        let listed = Index::create()
            .name("access_tokens_account_id_id")
            .table("access_tokens")
            .col("account_id")
            .col("id")
            .to_owned();
        manager.create_index(listed).await
    }
}
