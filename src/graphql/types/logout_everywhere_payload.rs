//! `LogoutEverywherePayload`: what became of the account's sessions.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::accounts::effect::Effect;

/// What became of the account's sessions.
pub struct LogoutEverywherePayload {
    pub(in crate::graphql) effect: Effect,
}

/// What became of the account's sessions.
#[guarded(public)]
#[Object]
impl LogoutEverywherePayload {
    /// From when on no request of these sessions is answered any more.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many sessions ended.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }
}
