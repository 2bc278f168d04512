//! `EnableUsersPayload`: the accounts that were enabled.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The accounts that were enabled.
pub struct EnableUsersPayload {
    pub(in crate::graphql) users: Vec<User>,
    pub(in crate::graphql) effect: Effect,
}

/// The accounts that were enabled.
#[guarded(public)]
#[Object]
impl EnableUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    async fn users(&self) -> &[User] {
        &self.users
    }

    /// From when on these accounts can sign in.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
