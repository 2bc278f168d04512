//! The outbox of webhook events. A row is written in the transaction of the change that it tells of. `sequence` is the
//! number of the audit event, and so the order of commits. Rows have no foreign key, because the last events of a user
//! follow the deletion of the user.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, pk_uuid, text, text_null},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Partial indexes, which hold only what waits, for the queries that every server repeats.
const INDEXES: [&str; 5] = [
    "CREATE INDEX webhook_events_account ON webhook_events (account_id)",
    "CREATE INDEX webhook_events_state ON webhook_events (state, id)",
    "CREATE INDEX webhook_events_due ON webhook_events (next_attempt_at) WHERE state = 'pending'",
    "CREATE INDEX webhook_events_waiting ON webhook_events (queued_at) WHERE state = 'pending'",
    "CREATE INDEX webhook_events_order ON webhook_events (account_id, sequence) WHERE state = 'pending'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let events = Table::create()
            .table("webhook_events")
            .col(pk_uuid("id"))
            .col(big_integer("sequence"))
            // As text, which pages of a list can hold.
            .col(text("account_id"))
            .col(text_null("username"))
            .col(text("event_type"))
            .col(text("details"))
            .col(big_integer("occurred_at"))
            .col(text("state"))
            .col(big_integer("queued_at"))
            .col(big_integer("attempts"))
            // For an event that is being delivered, the end of the lease.
            .col(big_integer("next_attempt_at"))
            .col(big_integer_null("settled_at"))
            .col(big_integer_null("last_status"))
            .col(text_null("last_error"))
            .to_owned();
        manager.create_table(events).await?;
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}
