//! `DeleteAccountPayload`: the account that is gone.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use crate::{accounts::effect::Effect, domain::id::UserId};

/// The account that is gone.
pub struct DeleteAccountPayload {
    pub(in crate::graphql) user_id: UserId,
    pub(in crate::graphql) effect: Effect,
}

/// The account that is gone.
#[guarded(public)]
#[Object]
impl DeleteAccountPayload {
    /// The `id` the account had. It is never given again.
    async fn user_id(&self) -> ID {
        ID(self.user_id.to_string())
    }

    /// From when on no request of the account is answered any more.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many sessions of the account ended with it.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }
}
