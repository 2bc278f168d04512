//! What mutations of sessions answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::sessions::session::Session;

/// Payload of `logout`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// The revoked session.
    #[graphql(directive = Owner::apply(Ownership::Recipient))]
    pub(crate) session: Session,
    /// When the change takes effect on every replica: requests in the session that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `logoutEverywhere`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct LogoutEverywherePayload {
    /// When the change takes effect on every replica: requests in the revoked sessions that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions were revoked.
    pub(crate) sessions_revoked: u64,
}

/// Payload of `reauthenticate`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct ReauthenticatePayload {
    /// The session, which is fresh until `freshUntil`.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) session: Session,
    /// When the change takes effect on every replica: fields that require a fresh session are open from then on.
    pub(crate) effective_at: DateTime<Utc>,
}

/// Payload of `revokeSession`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RevokeSessionPayload {
    /// The revoked session.
    pub(crate) session: Session,
    /// When the change takes effect on every replica: requests in the session that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
    /// How many sessions were revoked.
    pub(crate) sessions_revoked: u64,
}
