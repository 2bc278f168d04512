//! `DisableUserPayload`: the account that was disabled.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The account that was disabled.
pub struct DisableUserPayload {
    pub(in crate::graphql) user: User,
    pub(in crate::graphql) effect: Effect,
}

/// The account that was disabled.
#[guarded(public)]
#[Object]
impl DisableUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }

    /// From when on no request of the account is answered any more.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many sessions of the account ended.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }
}
