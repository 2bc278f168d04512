//! `RevokeAccessTokenPayload`: the personal access token that was taken back.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use fieldguard_guard::guarded;

use super::access_token::AccessToken;
use crate::accounts::effect::Effect;

/// The personal access token that was taken back.
pub struct RevokeAccessTokenPayload {
    pub(in crate::graphql) access_token: AccessToken,
    pub(in crate::graphql) effect: Effect,
}

/// The personal access token that was taken back.
#[guarded(public)]
#[Object]
impl RevokeAccessTokenPayload {
    /// The token, as it was. It is not listed any more.
    async fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// From when on no request that comes by the token is answered any more.
    async fn effective_at(&self) -> DateTime<Utc> {
        self.effect.at
    }
}
