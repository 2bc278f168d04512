//! TOTP and recovery codes. The secret is encrypted with a key outside the database, and of a recovery code only a
//! keyed hash is stored. The account says whether it has a second factor, so that a sign-in reads no further table.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, blob, pk_uuid, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let since = big_integer_null("totp_since");
        manager.alter_table(Table::alter().table("accounts").add_column(since).to_owned()).await?;
        let totp = Table::create()
            .table("totp_secrets")
            .col(pk_uuid("account_id"))
            .col(blob("secret"))
            .col(big_integer("created_at"))
            // The time step of the last code that was accepted.
            .col(big_integer("last_step"))
            .foreign_key(
                ForeignKey::create()
                    .name("totp_secrets_account_id")
                    .from("totp_secrets", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(totp).await?;
        let codes = Table::create()
            .table("recovery_codes")
            .col(uuid("account_id"))
            .col(big_integer("number"))
            .col(blob("code_hash"))
            .primary_key(Index::create().name("recovery_codes_pkey").col("account_id").col("number"))
            .foreign_key(
                ForeignKey::create()
                    .name("recovery_codes_account_id")
                    .from("recovery_codes", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(codes).await
    }
}
