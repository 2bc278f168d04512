//! `DatabaseType`: the type of the database.

use async_graphql::Enum;
use fieldguard_domain::overview;

/// The type of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "overview::DatabaseType")]
pub enum DatabaseType {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}
