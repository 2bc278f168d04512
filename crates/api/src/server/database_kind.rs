//! `DatabaseKind`: what the accounts are kept in.

use async_graphql::Enum;
use fieldguard_domain::overview;

/// What the accounts are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "overview::DatabaseKind")]
pub enum DatabaseKind {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}
