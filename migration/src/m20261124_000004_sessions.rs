//! Sessions, one per sign-in. Only the SHA-256 hash of a refresh token is stored.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, blob, pk_uuid, text_null, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sessions = Table::create()
            .table("sessions")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(big_integer("created_at"))
            .col(big_integer("last_used_at"))
            .col(big_integer("idle_expires_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("ended_at"))
            .col(blob("refresh_hash"))
            .col(text_null("ip_address"))
            .col(text_null("user_agent"))
            .foreign_key(
                ForeignKey::create()
                    .name("sessions_account_id")
                    .from("sessions", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(sessions).await?;
        let refresh =
            Index::create().unique().name("sessions_refresh_hash").table("sessions").col("refresh_hash").to_owned();
        manager.create_index(refresh).await?;
        let holder = Index::create().name("sessions_account_id").table("sessions").col("account_id").to_owned();
        manager.create_index(holder).await
    }
}
