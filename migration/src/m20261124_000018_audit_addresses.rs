//! Seals of the addresses in the audit trail, so that an address can be forgotten while the chain of hashes holds.

use sea_orm_migration::{prelude::*, schema::text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Rows that are there have no seal: their hash is over the address itself.
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
