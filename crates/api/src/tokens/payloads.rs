//! What mutations of personal access tokens answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::tokens::personal_access_token::PersonalAccessToken;

/// Payload of `createPersonalAccessToken`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreatePersonalAccessTokenPayload {
    /// The secret to send in the header `Authorization: Bearer …`. It is shown only once: store it where the script finds it, and nowhere else.
    pub(crate) token: String,
    /// The created token, as it is listed.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) personal_access_token: PersonalAccessToken,
}

/// Payload of `revokePersonalAccessToken`.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RevokePersonalAccessTokenPayload {
    /// The revoked token. It is no longer listed.
    pub(crate) personal_access_token: PersonalAccessToken,
    /// When the change takes effect on every replica: requests with the token that start later are refused.
    pub(crate) effective_at: DateTime<Utc>,
}
