//! Events of an account that its owner should know about.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, pk_uuid, text, text_null, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let events = Table::create()
            .table("security_events")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(text("kind"))
            .col(big_integer("occurred_at"))
            // Text, because pages of lists are read as JSON, which cannot hold the bytes that SQLite stores.
            .col(text_null("session_id"))
            .col(text_null("ip_address"))
            .col(text_null("user_agent"))
            .foreign_key(
                ForeignKey::create()
                    .name("security_events_account_id")
                    .from("security_events", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(events).await?;
        let listed = Index::create()
            .name("security_events_account_id_id")
            .table("security_events")
            .col("account_id")
            .col("id")
            .to_owned();
        manager.create_index(listed).await
    }
}
