//! `DeleteRolePayload`: the role that is gone.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::{accounts::effect::Effect, domain::id::RoleId};

/// The role that is gone.
pub struct DeleteRolePayload {
    pub(in crate::graphql) role_id: RoleId,
    pub(in crate::graphql) effect: Effect,
}

/// The role that is gone.
#[guarded(public)]
#[Object]
impl DeleteRolePayload {
    /// The `id` the role had. It is never given again.
    async fn role_id(&self) -> ID {
        ID(self.role_id.to_string())
    }

    /// From when on no request has the rights that came by the role.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many live sessions have other rights now: those of all accounts that held the role, directly or by a role that included it.
    async fn sessions_affected(&self) -> u64 {
        self.effect.sessions
    }
}
