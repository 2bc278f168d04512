//! What a change of rights or sessions says of itself: from when on it holds everywhere, and how many sessions it touched.

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, principals::KEPT_FOR};
use fieldguard_domain::overview::DatabaseKind;
use fieldguard_store::Tx;

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// A request that starts at this time or later, at any replica, finds the change.
    pub at: DateTime<Utc>,
    /// How many live sessions it ended or gave other rights.
    pub sessions: u64,
}

impl Accounts {
    /// From when on every process finds the change that had this effect, where the one that made it does not serve: on SQLite
    /// too, a server beside it may remember what was before.
    #[must_use]
    pub fn heard_everywhere_at(&self, effect: &Effect) -> DateTime<Utc> {
        match self.store.kind() {
            DatabaseKind::Sqlite => effect.at + KEPT_FOR,
            DatabaseKind::Postgres => effect.at,
        }
    }

    /// Commits a change of what `sessions` sessions may do. At this process it holds at once; other replicas, which only
    /// PostgreSQL can have, may remember what was before for as long as they remember anything.
    pub(super) async fn commit_change(&self, tx: Tx, sessions: u64) -> Result<Effect, Error> {
        self.commit(tx).await?;
        let now = self.clock.now();
        let at = match self.store.kind() {
            DatabaseKind::Sqlite => now,
            DatabaseKind::Postgres => now + KEPT_FOR,
        };
        Ok(Effect { at, sessions })
    }
}
