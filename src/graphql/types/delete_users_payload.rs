//! `DeleteUsersPayload`: the accounts whose deletion is scheduled.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The accounts whose deletion is scheduled.
pub struct DeleteUsersPayload {
    pub(in crate::graphql) users: Vec<User>,
    pub(in crate::graphql) effect: Effect,
}

/// The accounts whose deletion is scheduled.
#[guarded(public)]
#[Object]
impl DeleteUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    async fn users(&self) -> &[User] {
        &self.users
    }

    /// From when on no request of these accounts is answered any more.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many sessions of the accounts ended.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }
}
