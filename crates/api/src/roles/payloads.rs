//! What mutations of roles answer.

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::roles::role::Role;

/// Payload of `createRole`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreateRolePayload {
    /// The created role.
    pub(crate) role: Role,
    /// When the role is known to every replica.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `updateRole`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct UpdateRolePayload {
    /// The updated role.
    pub(crate) role: Role,
    /// When the change takes effect on every replica: requests that start later have the new permissions.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions have new permissions: those of all users who have the role, directly or through a role that includes it. 0 if only the description changed.
    pub(crate) sessions_affected: u64,
}

/// Payload of `deleteRole`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct DeleteRolePayload {
    /// The `id` of the deleted role, for your client's cache. It is never used again.
    pub(crate) role_id: ID,
    /// When the change takes effect on every replica: requests that start later don't have the role's permissions.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many live sessions lost permissions: those of all users who had the role, directly or through a role that included it.
    pub(crate) sessions_affected: u64,
}
