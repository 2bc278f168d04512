//! How sessions began, and sign-ins that wait for their next step. Existing sessions began with a password. Of a
//! challenge only the SHA-256 is stored.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, blob, pk_uuid, text, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let methods = text("methods").default("pwd").to_owned();
        manager.alter_table(Table::alter().table("sessions").add_column(methods).to_owned()).await?;
        let challenges = Table::create()
            .table("sign_in_challenges")
            .col(pk_uuid("id"))
            .col(blob("challenge_hash"))
            .col(uuid("account_id"))
            // The SHA-256 of the password hash that the account had: another password voids the challenge.
            .col(blob("credential"))
            .col(text("methods"))
            .col(big_integer("failures"))
            .col(big_integer("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("sign_in_challenges_of_account")
                    .from("sign_in_challenges", "account_id")
                    .to("accounts", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(challenges).await?;
        let challenge = Index::create()
            .unique()
            .name("sign_in_challenges_challenge_hash")
            .table("sign_in_challenges")
            .col("challenge_hash")
            .to_owned();
        manager.create_index(challenge).await?;
        let account = Index::create()
            .name("sign_in_challenges_account_id")
            .table("sign_in_challenges")
            .col("account_id")
            .to_owned();
        manager.create_index(account).await
    }
}
