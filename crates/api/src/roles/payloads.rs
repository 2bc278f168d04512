//! What mutations of this topic answer.

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::roles::role::Role;

/// The role that was made.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreateRolePayload {
    /// The role, as it is now.
    pub(crate) role: Role,
    /// From when on every request finds the role.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions have other rights now: none, since no account holds the role yet.
    pub(crate) sessions_affected: u64,
}

/// The role that is gone.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteRolePayload {
    /// The `id` the role had. It is never given again.
    pub(crate) role_id: ID,
    /// From when on no request has the rights that came by the role.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions have other rights now: those of all accounts that held the role, directly or by a role that included it.
    pub(crate) sessions_affected: u64,
}

/// The role that was changed.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdateRolePayload {
    /// The role, as it is now.
    pub(crate) role: Role,
    /// From when on every request of those who hold the role has the new rights, and no other.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions have other rights now: those of all accounts that hold the role, directly or by a role that includes it; none where only the description changed.
    pub(crate) sessions_affected: u64,
}
