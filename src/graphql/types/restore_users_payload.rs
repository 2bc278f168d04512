//! `RestoreUsersPayload`: the accounts whose deletion was taken back.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The accounts whose deletion was taken back.
pub struct RestoreUsersPayload {
    pub(in crate::graphql) users: Vec<User>,
    pub(in crate::graphql) effect: Effect,
}

/// The accounts whose deletion was taken back.
#[guarded(public)]
#[Object]
impl RestoreUsersPayload {
    /// The accounts, as they are now, in the order in which they were named, each once.
    async fn users(&self) -> &[User] {
        &self.users
    }

    /// From when on these accounts can sign in again, where they are not disabled.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
