//! `AccessTokenEdge`: a personal access token with its place in the list.

use async_graphql::Object;

use super::access_token::AccessToken;
use crate::{graphql::resolution::One, guarded};

/// A personal access token with its place in the list.
pub struct AccessTokenEdge {
    pub(super) cursor: String,
    pub(super) node: AccessToken,
}

/// A personal access token with its place in the list.
#[guarded(public)]
#[Object]
impl AccessTokenEdge {
    /// The place in the list, for `after` and `before`. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What stands at that place.
    async fn node(&self) -> One<&AccessToken> {
        One(&self.node)
    }
}
