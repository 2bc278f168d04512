//! Counts of sign-in and registration attempts, by name and address, and the addresses that an account signed in from.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, blob, text, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let attempts = Table::create()
            .table("attempts")
            // A SHA-256 hash, because users may type their password as the name.
            .col(blob("key").primary_key())
            .col(big_integer("failures"))
            .col(big_integer("last_at"))
            .col(big_integer("not_before"))
            .to_owned();
        manager.create_table(attempts).await?;
        let forgotten = Index::create().name("attempts_last_at").table("attempts").col("last_at").to_owned();
        manager.create_index(forgotten).await?;
        let known = Table::create()
            .table("known_addresses")
            .col(uuid("account_id"))
            .col(text("address"))
            .col(big_integer("last_at"))
            .primary_key(Index::create().name("known_addresses_pkey").col("account_id").col("address"))
            .foreign_key(
                ForeignKey::create()
                    .name("known_addresses_account_id")
                    .from("known_addresses", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(known).await
    }
}
