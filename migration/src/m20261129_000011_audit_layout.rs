//! The audit log in fewer B-trees. Every event is one row more in each, and each page that a write changes is a page
//! that readers load again.
//!
//! SQLite stores the events in their sequence number, which was an index of its own. On both databases, the index of
//! targets holds only events that have one; reads of lists have none. The time needs no index: ids begin with it.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The order of the columns is the order in which earlier migrations added them.
const SQLITE: &[&str] = &[
    "CREATE TABLE audit_events_by_sequence (id uuid_text NOT NULL UNIQUE, sequence integer PRIMARY KEY, \
     occurred_at integer NOT NULL, action text NOT NULL, actor text NOT NULL, actor_id text, session_id text, \
     token_id text, target_type text, target_id text, coordinates text NOT NULL, request_id text, ip_address text, \
     state_before text, state_after text, reason text, subjects integer NOT NULL, previous text NOT NULL, \
     hash text NOT NULL, subject_set text, address_salt text, address_seal text)",
    "INSERT INTO audit_events_by_sequence SELECT * FROM audit_events ORDER BY sequence",
    "DROP TABLE audit_events",
    "ALTER TABLE audit_events_by_sequence RENAME TO audit_events",
    "CREATE INDEX audit_events_actor_id_id ON audit_events (actor_id, id)",
    "CREATE INDEX audit_events_action_id ON audit_events (action, id)",
    "CREATE INDEX audit_events_request_id_id ON audit_events (request_id, id)",
    "CREATE INDEX audit_events_subject_set_id ON audit_events (subject_set, id) WHERE subject_set IS NOT NULL",
];
const POSTGRES: &[&str] = &["DROP INDEX audit_events_target_id_id"];
const TARGETS: &str =
    "CREATE INDEX audit_events_target_id_id ON audit_events (target_id, id) WHERE target_id IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = if manager.get_database_backend() == DbBackend::Postgres { POSTGRES } else { SQLITE };
        for step in steps.iter().chain([&TARGETS]) {
            manager.get_connection().execute_unprepared(step).await?;
        }
        Ok(())
    }
}
