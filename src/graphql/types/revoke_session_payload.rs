//! `RevokeSessionPayload`: the session that was ended.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::session::Session;
use crate::accounts::effect::Effect;

/// The session that was ended.
pub struct RevokeSessionPayload {
    pub(in crate::graphql) session: Session,
    pub(in crate::graphql) effect: Effect,
}

/// The session that was ended.
#[guarded(public)]
#[Object]
impl RevokeSessionPayload {
    /// The session, as it was.
    async fn session(&self) -> &Session {
        &self.session
    }

    /// From when on no request of the session is answered any more.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }

    /// How many sessions ended.
    async fn sessions_ended(&self) -> u64 {
        self.effect.sessions
    }
}
