//! `CreateRolePayload`: the role that was made.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::role::Role;
use crate::accounts::effect::Effect;

/// The role that was made.
pub struct CreateRolePayload {
    pub(in crate::graphql) role: Role,
    pub(in crate::graphql) effect: Effect,
}

/// The role that was made.
#[guarded(public)]
#[Object]
impl CreateRolePayload {
    /// The role, as it is now.
    async fn role(&self) -> &Role {
        &self.role
    }

    /// From when on everybody finds the role.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many live sessions have other rights now: none, since nobody holds the role yet.
    async fn sessions_affected(&self) -> u64 {
        self.effect.sessions
    }
}
