//! Seals of the addresses in the audit log, so that an address can be deleted while the hash chain stays valid.

use sea_orm_migration::{prelude::*, schema::text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Existing events have no seal: their hash covers the address itself.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["address_salt", "address_seal"] {
            let add = Table::alter().table("audit_events").add_column(text_null(column)).to_owned();
            manager.alter_table(add).await?;
        }
        Ok(())
    }
}
