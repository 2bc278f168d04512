//! `EnableUserPayload`: the account that was enabled.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::user::User;
use crate::accounts::effect::Effect;

/// The account that was enabled.
pub struct EnableUserPayload {
    pub(in crate::graphql) user: User,
    pub(in crate::graphql) effect: Effect,
}

/// The account that was enabled.
#[guarded(public)]
#[Object]
impl EnableUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }

    /// From when on the account can sign in.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many sessions of the account go on: none, since they ended when it was disabled.
    async fn sessions_affected(&self) -> u64 {
        self.effect.sessions
    }
}
