//! Profiles: what users say about themselves, and metadata about them. An account without a row has none of it, so that
//! reading an account costs nothing more.

use sea_orm_migration::{
    prelude::*,
    schema::{pk_uuid, text_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let profiles = Table::create()
            .table("profiles")
            .col(pk_uuid("account_id"))
            .col(text_null("display_name"))
            .col(text_null("locale"))
            .col(text_null("time_zone"))
            .col(text_null("avatar_url"))
            .col(text_null("metadata"))
            .col(text_null("admin_metadata"))
            .foreign_key(
                ForeignKey::create()
                    .name("profiles_account_id")
                    .from("profiles", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(profiles).await
    }
}
