//! Audit events are found by time through the primary key: an id begins with a time, and the head of the audit log
//! stores how much later that time can be than the time of the event.

use sea_orm_migration::{
    prelude::{ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, async_trait},
    sea_orm::{ConnectionTrait, Statement, prelude::Uuid},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// How many rows are read at once.
const PAGE: usize = 10_000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("lead").big_integer().not_null().default(0).to_owned();
        manager.alter_table(Table::alter().table("audit_head").add_column(column).to_owned()).await?;
        let unused = Index::drop().name("audit_events_occurred_at_id").table("audit_events").to_owned();
        manager.drop_index(unused).await?;
        let lead = lead(manager.get_connection()).await?;
        manager
            .get_connection()
            .execute_unprepared(&format!("UPDATE audit_head SET lead = {lead} WHERE id = 1"))
            .await?;
        Ok(())
    }
}

/// The greatest difference among the existing events.
async fn lead(database: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let (mut lead, mut after) = (0, 0_i64);
    loop {
        let sql = format!(
            "SELECT sequence, id, occurred_at FROM audit_events WHERE sequence > {after} ORDER BY sequence LIMIT {PAGE}"
        );
        let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await?;
        for row in &rows {
            let (id, occurred_at): (Uuid, i64) = (row.try_get("", "id")?, row.try_get("", "occurred_at")?);
            // 48 bits of milliseconds (RFC 9562, section 5.7).
            let time = i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX);
            lead = lead.max(time.saturating_sub(occurred_at));
            after = row.try_get("", "sequence")?;
        }
        if rows.len() < PAGE {
            return Ok(lead);
        }
    }
}
