//! `UpdateRolePayload`: the role that was changed.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::role::Role;
use crate::accounts::effect::Effect;

/// The role that was changed.
pub struct UpdateRolePayload {
    pub(in crate::graphql) role: Role,
    pub(in crate::graphql) effect: Effect,
}

/// The role that was changed.
#[guarded(public)]
#[Object]
impl UpdateRolePayload {
    /// The role, as it is now.
    async fn role(&self) -> &Role {
        &self.role
    }

    /// From when on every request of those who hold the role has the new rights, and no other.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many live sessions have other rights now: those of all accounts that hold the role, directly or by a role that includes it; none where only the description changed.
    async fn sessions_affected(&self) -> u64 {
        self.effect.sessions
    }
}
