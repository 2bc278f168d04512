//! `ReauthenticatePayload`: the session that is fresh again.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use super::session::Session;
use crate::accounts::effect::Effect;

/// The session that is fresh again.
pub struct ReauthenticatePayload {
    pub(in crate::graphql) session: Session,
    pub(in crate::graphql) effect: Effect,
}

/// The session that is fresh again.
#[guarded(public)]
#[Object]
impl ReauthenticatePayload {
    /// The session, with the time until which it is fresh.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn session(&self) -> &Session {
        &self.session
    }

    /// From when on what asks for a fresh session is open to it.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
