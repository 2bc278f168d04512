//! The accounts of an audit event become a separate set that many events can share, so that a list that is read
//! repeatedly is stored once.

use sea_orm_migration::{
    prelude::*,
    schema::{text, text_null, uuid},
    sea_orm::DbBackend,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// An existing event stores its subjects under its own id.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let database = manager.get_connection();
        let text_of = |id: &str| match manager.get_database_backend() {
            DbBackend::Sqlite => format!("lower(hex({id}))"),
            _ => format!("replace(CAST({id} AS text), '-', '')"),
        };
        let add = Table::alter().table("audit_events").add_column(text_null("subject_set")).to_owned();
        manager.alter_table(add).await?;
        let own = format!("UPDATE audit_events SET subject_set = {} WHERE subjects > 0", text_of("id"));
        database.execute_unprepared(&own).await?;
        // Most events have no subjects. Raw SQL, because the builder does not support such a condition for SQLite.
        let few = "CREATE INDEX audit_events_subject_set_id ON audit_events (subject_set, id) \
                   WHERE subject_set IS NOT NULL";
        database.execute_unprepared(few).await?;

        let rename = Table::rename().table("audit_subjects", "audit_subjects_of_rows").to_owned();
        manager.rename_table(rename).await?;
        let subjects = Table::create()
            .table("audit_subjects")
            .col(uuid("account_id"))
            .col(text("set_id"))
            .primary_key(Index::create().name("audit_subjects_of_account").col("account_id").col("set_id"))
            .to_owned();
        manager.create_table(subjects).await?;
        let copy = format!(
            "INSERT INTO audit_subjects (account_id, set_id) SELECT account_id, {} FROM audit_subjects_of_rows",
            text_of("event_id")
        );
        database.execute_unprepared(&copy).await?;
        manager.drop_table(Table::drop().table("audit_subjects_of_rows").to_owned()).await?;
        let of_set = Index::create().name("audit_subjects_set_id").table("audit_subjects").col("set_id").to_owned();
        manager.create_index(of_set).await
    }
}
