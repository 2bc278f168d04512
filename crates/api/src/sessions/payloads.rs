//! What mutations of this topic answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::sessions::session::Session;

/// What became of the account's sessions.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct LogoutEverywherePayload {
    /// From when on no request of these sessions is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions ended.
    pub(crate) sessions_ended: u64,
}

/// The session that ended.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// The session, as it was.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    pub(crate) session: Session,
    /// From when on no request of the session is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions ended.
    pub(crate) sessions_ended: u64,
}

/// The session that is fresh again.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ReauthenticatePayload {
    /// The session, with the time until which it is fresh.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) session: Session,
    /// From when on what asks for a fresh session is open to it.
    pub(crate) effective_at: DateTime<Utc>,
}

/// The session that was ended.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RevokeSessionPayload {
    /// The session, as it was.
    pub(crate) session: Session,
    /// From when on no request of the session is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions ended.
    pub(crate) sessions_ended: u64,
}
