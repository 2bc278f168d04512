//! `UserStatistics`: how many users there are.

use async_graphql::SimpleObject;
use fieldguard_domain::{role::ADMIN, user::UserCounts};
use fieldguard_guard::guarded;

/// How many users there are.
#[guarded(role = ADMIN)]
#[derive(SimpleObject)]
pub struct UserStatistics {
    /// The number of all users.
    total: Option<u64>,
    /// The number of users who can sign in.
    active: Option<u64>,
    /// The number of disabled users.
    disabled: Option<u64>,
    /// The number of users whose deletion is scheduled. They don't count as disabled.
    deletion_scheduled: Option<u64>,
    /// The number of users created within the last 7 days.
    created_last7_days: Option<u64>,
}

impl From<UserCounts> for UserStatistics {
    fn from(counts: UserCounts) -> Self {
        Self {
            total: Some(counts.total),
            active: Some(counts.active),
            disabled: Some(counts.disabled),
            deletion_scheduled: Some(counts.leaving),
            created_last7_days: Some(counts.recent),
        }
    }
}
