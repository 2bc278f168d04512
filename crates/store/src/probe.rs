//! Whether a write could be made now.

use sea_orm::ConnectionTrait;

use super::{Error, Schema, Store, migrate};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseKind;

/// What keeps a database that answers from being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writable {
    /// Nothing.
    Yes,
    /// It only lets itself be read, as a standby of PostgreSQL does.
    ReadOnly,
    /// Its schema is another than this program knows, because a newer version migrated it or an older copy was put in its place.
    OtherSchema,
}

impl Store {
    /// Asks whether a write could be made now. Nothing is changed.
    ///
    /// # Errors
    ///
    /// Where the database fails, or another process keeps it from being written to.
    pub async fn probe(&self) -> Result<Writable, Error> {
        let tx = self.write().await?;
        if self.kind == DatabaseKind::Postgres {
            let sql = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS read_only";
            let row = tx.connection().query_one_raw(self.kind.statement(sql, [])).await?;
            if row.is_none_or(|row| row.try_get("", "read_only").unwrap_or(true)) {
                return Ok(Writable::ReadOnly);
            }
        }
        if migrate::schema(&tx).await? != Schema::Current {
            return Ok(Writable::OtherSchema);
        }
        // After a write that the disk refused, only another write tells whether the next one will pass.
        if self.writer.has_failed_to_write() {
            let sql = "UPDATE seaql_migrations SET applied_at = applied_at";
            tx.connection().execute_unprepared(sql).await?;
            tx.commit().await?;
        }
        Ok(Writable::Yes)
    }
}
