//! The audit log: its events, each chained to the previous one by a hash; the accounts whose personal fields were read;
//! and the two ends of the chain.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, pk_uuid, text, text_null, uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// No foreign keys to accounts or sessions: events outlive them. Ids are text, because pages of lists are read as JSON,
/// which cannot hold the bytes that SQLite stores.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let events = Table::create()
            .table("audit_events")
            // Has the same order as `sequence`.
            .col(pk_uuid("id"))
            .col(big_integer("sequence").unique_key())
            .col(big_integer("occurred_at"))
            .col(text("action"))
            .col(text("actor"))
            .col(text_null("actor_id"))
            .col(text_null("session_id"))
            .col(text_null("token_id"))
            .col(text_null("target_type"))
            .col(text_null("target_id"))
            .col(text("coordinates"))
            .col(text_null("request_id"))
            .col(text_null("ip_address"))
            .col(text_null("state_before"))
            .col(text_null("state_after"))
            .col(text_null("reason"))
            .col(big_integer("subjects"))
            .col(text("previous"))
            .col(text("hash"))
            .to_owned();
        manager.create_table(events).await?;
        for column in ["actor_id", "target_id", "action", "request_id", "occurred_at"] {
            let name = format!("audit_events_{column}_id");
            let index = Index::create().name(&name).table("audit_events").col(column).col("id").to_owned();
            manager.create_index(index).await?;
        }
        let subjects = Table::create()
            .table("audit_subjects")
            .col(uuid("account_id"))
            .col(uuid("event_id"))
            .primary_key(Index::create().name("audit_subjects_pkey").col("account_id").col("event_id"))
            .to_owned();
        manager.create_table(subjects).await?;
        let of_event =
            Index::create().name("audit_subjects_event_id").table("audit_subjects").col("event_id").to_owned();
        manager.create_index(of_event).await?;
        ends(manager).await
    }
}

/// One row: the last event, which writers lock, and the last event that was pruned.
async fn ends(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let head = Table::create()
        .table("audit_head")
        .col(big_integer("id").primary_key())
        .col(big_integer("sequence"))
        .col(text("hash"))
        .col(text("last_id"))
        .col(big_integer("pruned_sequence"))
        .col(text("pruned_hash"))
        .to_owned();
    manager.create_table(head).await?;
    let nothing = "0".repeat(64);
    let nil_id = "00000000-0000-0000-0000-000000000000";
    let sql = format!(
        "INSERT INTO audit_head (id, sequence, hash, last_id, pruned_sequence, pruned_hash) \
         VALUES (1, 0, '{nothing}', '{nil_id}', 0, '{nothing}')"
    );
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}
