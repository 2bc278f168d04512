//! `AccountStatistics`: how many accounts there are.

use async_graphql::Object;
use fieldguard_domain::{role::ADMIN, user::UserCounts};
use fieldguard_guard::guarded;

/// How many accounts there are.
pub struct AccountStatistics(pub(crate) UserCounts);

/// How many accounts there are.
#[guarded(role = ADMIN)]
#[Object]
impl AccountStatistics {
    /// All accounts.
    async fn total(&self) -> Option<u64> {
        Some(self.0.total)
    }

    /// Accounts that can sign in.
    async fn active(&self) -> Option<u64> {
        Some(self.0.active)
    }

    /// Accounts whose deletion is scheduled. They count as nothing else.
    async fn deletion_scheduled(&self) -> Option<u64> {
        Some(self.0.leaving)
    }

    /// Accounts that were disabled.
    async fn disabled(&self) -> Option<u64> {
        Some(self.0.disabled)
    }

    /// Accounts made within the last 7 days.
    async fn created_last7_days(&self) -> Option<u64> {
        Some(self.0.recent)
    }
}
