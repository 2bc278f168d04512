//! The effect of a change of permissions or sessions: when every replica applies it, and how many sessions it affected.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, principals::CACHED_FOR};
use fieldguard_domain::overview::DatabaseType;
use fieldguard_store::Tx;

/// The effect of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// A request that starts at this time or later, at any replica, sees the change.
    pub at: DateTime<Utc>,
    /// How many live sessions were revoked or got other permissions.
    pub sessions: u64,
}

impl Accounts {
    /// When every process applies the change, if a process that does not serve requests made it. This delay also
    /// applies on SQLite: a server on the same database may have cached the earlier state.
    #[must_use]
    pub fn heard_everywhere_at(&self, effect: &Effect) -> DateTime<Utc> {
        match self.store.kind() {
            DatabaseType::Sqlite => effect.at + CACHED_FOR,
            DatabaseType::Postgres => effect.at,
        }
    }

    /// Commits a change of what `sessions` sessions may do. It applies to this process at once. Other replicas, which
    /// only PostgreSQL can have, may use their cache until it expires.
    pub(super) async fn commit_change(&self, tx: Tx, sessions: u64) -> Result<Effect, Error> {
        self.commit(tx).await?;
        let now = self.clock.now();
        let at = match self.store.kind() {
            DatabaseType::Sqlite => now,
            DatabaseType::Postgres => now + CACHED_FOR,
        };
        Ok(Effect { at, sessions })
    }
}
