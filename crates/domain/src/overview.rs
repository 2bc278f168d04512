//! What an operator looks at first.

use super::user::UserCounts;

/// The server at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overview {
    /// How many accounts, of which kinds.
    pub users: UserCounts,
    /// How many sessions are live.
    pub sessions: u64,
}

/// What the accounts are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}
