//! Mail: the outbox, the codes that mails carry, and since when the email address of an account is verified.
//!
//! A row of the outbox is written in the transaction of the change that it tells of, and deleted once the mail is sent. It
//! holds a code in clear text until then. A request for a password reset has no account until the server looks it up.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, blob, pk_uuid, text, uuid, uuid_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [&str; 5] = [
    "CREATE INDEX mails_due ON mails (next_attempt_at)",
    "CREATE INDEX mails_account ON mails (account_id)",
    "CREATE UNIQUE INDEX email_codes_hash ON email_codes (code_hash)",
    "CREATE INDEX email_codes_account ON email_codes (account_id)",
    "CREATE INDEX email_codes_expiry ON email_codes (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mails = Table::create()
            .table("mails")
            .col(pk_uuid("id"))
            .col(uuid_null("account_id"))
            .col(text("kind"))
            .col(text("recipient"))
            .col(text("content"))
            .col(big_integer("queued_at"))
            .col(big_integer("attempts"))
            // For a mail that is being sent, the end of the lease.
            .col(big_integer("next_attempt_at"))
            .foreign_key(&mut of_account("mails"))
            .to_owned();
        manager.create_table(mails).await?;
        let codes = Table::create()
            .table("email_codes")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(text("purpose"))
            .col(blob("code_hash"))
            // The address that the code verifies or restores.
            .col(text("email"))
            .col(text("email_key"))
            .col(big_integer("expires_at"))
            .foreign_key(&mut of_account("email_codes"))
            .to_owned();
        manager.create_table(codes).await?;
        let verified = Table::alter().table("accounts").add_column(big_integer_null("email_verified_at")).to_owned();
        manager.alter_table(verified).await?;
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}

fn of_account(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_account_id"))
        .from(table, "account_id")
        .to("accounts", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
