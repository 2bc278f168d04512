//! What an operator asks about a database: its version, and the migrations that it lacks. Nothing is changed.

use sea_orm::ConnectionTrait;

use super::{Cause, Error, Store, migrate};
use crate::dialect::Dialect;
use fieldguard_domain::overview::DatabaseType;

impl Store {
    /// The version of PostgreSQL, such as `16.3`, or of the SQLite in this program.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn version(&self) -> Result<String, Error> {
        let sql = match self.kind {
            DatabaseType::Sqlite => "SELECT sqlite_version() AS version",
            DatabaseType::Postgres => "SELECT split_part(current_setting('server_version'), ' ', 1) AS version",
        };
        let row = self.reader.query_one_raw(self.kind.statement(sql, [])).await?;
        Ok(row.ok_or_else(Cause::unreadable)?.try_get("", "version")?)
    }

    /// The names of the migrations that the next start applies, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Newer`] if the database has migrations that this program does not know.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Error> {
        let applied = migrate::applied(self).await?;
        Ok(migrate::known().into_iter().filter(|name| !applied.contains(name)).collect())
    }
}
