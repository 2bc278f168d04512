//! What mutations of this topic answer.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use crate::tokens::access_token::AccessToken;

/// The personal access token that was made.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct CreateAccessTokenPayload {
    /// The token, for the header `Authorization: Bearer …`. It is shown this once: put it where the script finds it, and nowhere else.
    pub(crate) token: String,
    /// The token as it is listed from now on.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    pub(crate) access_token: AccessToken,
}

/// The personal access token that was taken back.
#[guarded(public)]
#[derive(SimpleObject)]
pub struct RevokeAccessTokenPayload {
    /// The token, as it was. It is not listed any more.
    pub(crate) access_token: AccessToken,
    /// From when on no request that comes by the token is answered any more.
    pub(crate) effective_at: DateTime<Utc>,
}
