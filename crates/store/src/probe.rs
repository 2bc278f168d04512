//! Checks whether the database accepts writes.

use sea_orm::ConnectionTrait;

use super::{Error, Schema, Store, migrate};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseType;

/// Whether a database that answers accepts writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writable {
    /// It accepts writes.
    Yes,
    /// It is read-only, like a PostgreSQL standby.
    ReadOnly,
    /// Its schema differs from the one of this program, because a newer version migrated it or an older copy replaced
    /// it.
    OtherSchema,
}

impl Store {
    /// Checks whether the database accepts writes now, without changing anything.
    ///
    /// # Errors
    ///
    /// If the database fails, or another process blocks writes.
    pub async fn probe(&self) -> Result<Writable, Error> {
        let tx = self.write().await?;
        if self.kind == DatabaseType::Postgres {
            let sql = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS read_only";
            let row = tx.connection().query_one_raw(self.kind.statement(sql, [])).await?;
            if row.is_none_or(|row| row.try_get("", "read_only").unwrap_or(true)) {
                return Ok(Writable::ReadOnly);
            }
        }
        if migrate::schema(&tx).await? != Schema::Current {
            return Ok(Writable::OtherSchema);
        }
        // After a write that the disk refused, only another write shows whether the next one will succeed.
        if self.writer.has_failed_to_write() {
            // This write is small and may fit into the space that the log already has, where a larger one fails.
            self.file.as_ref().map_or(Ok(()), |file| file.check_room())?;
            let sql = "UPDATE seaql_migrations SET applied_at = applied_at";
            tx.connection().execute_unprepared(sql).await?;
            tx.commit().await?;
            self.writer.note_write(false);
        }
        Ok(Writable::Yes)
    }
}
