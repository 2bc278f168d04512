//! `SetUserRolesPayload`: the account whose roles were set.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The account whose roles were set.
pub struct SetUserRolesPayload {
    pub(in crate::graphql) user: User,
    pub(in crate::graphql) effect: Effect,
}

/// The account whose roles were set.
#[guarded(public)]
#[Object]
impl SetUserRolesPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }

    /// From when on every request of the account has the new rights, and no other.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many live sessions of the account have other rights now.
    async fn sessions_affected(&self) -> u64 {
        self.effect.sessions
    }
}
