//! `SetUsersRolesPayload`: the accounts whose roles were set.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The accounts whose roles were set.
pub struct SetUsersRolesPayload {
    pub(in crate::graphql) users: Vec<User>,
    pub(in crate::graphql) effect: Effect,
}

/// The accounts whose roles were set.
#[guarded(public)]
#[Object]
impl SetUsersRolesPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    async fn users(&self) -> &[User] {
        &self.users
    }

    /// From when on every request of these accounts has the new rights, and no other.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many live sessions of the accounts have other rights now.
    async fn sessions_affected(&self) -> u64 {
        self.effect.sessions
    }
}
