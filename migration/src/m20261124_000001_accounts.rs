//! Accounts. Times are Unix milliseconds. The canonical forms (`…_key`) are unique, by indexes whose names the server
//! recognizes in errors.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, pk_uuid, text, text_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let accounts = Table::create()
            .table("accounts")
            .col(pk_uuid("id"))
            .col(text("username"))
            .col(text("username_key"))
            .col(text_null("email"))
            .col(text_null("email_key"))
            .col(text("password_hash"))
            .col(big_integer_null("disabled_at"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .col(big_integer_null("last_sign_in_at"))
            .to_owned();
        manager.create_table(accounts).await?;
        for column in ["username_key", "email_key"] {
            let name = format!("accounts_{column}");
            manager.create_index(Index::create().unique().name(name).table("accounts").col(column).to_owned()).await?;
        }
        let created = Index::create().name("accounts_created_at").table("accounts").col("created_at").to_owned();
        manager.create_index(created).await
    }
}
