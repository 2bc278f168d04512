//! The figures of the admin overview.

use super::user::UserCounts;

/// Counts of users and sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overview {
    /// The number of users by state.
    pub users: UserCounts,
    /// The number of active sessions.
    pub sessions: u64,
}

/// The type of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}
