//! `CreateAccessTokenPayload`: the personal access token that was made.

use async_graphql::Object;
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
};

use super::access_token::AccessToken;

/// The personal access token that was made.
pub struct CreateAccessTokenPayload {
    pub(in crate::graphql) token: String,
    pub(in crate::graphql) access_token: AccessToken,
}

/// The personal access token that was made.
#[guarded(public)]
#[Object]
impl CreateAccessTokenPayload {
    /// The token, for the header `Authorization: Bearer …`. It is shown this once: put it where the script finds it, and nowhere else.
    async fn token(&self) -> &str {
        &self.token
    }

    /// The token as it is listed from now on.
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn access_token(&self) -> &AccessToken {
        &self.access_token
    }
}
