//! `CreateAccessTokenPayload`: the personal access token that was made.

use async_graphql::Object;

use super::access_token::AccessToken;
use crate::guarded;

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
    async fn access_token(&self) -> &AccessToken {
        &self.access_token
    }
}
