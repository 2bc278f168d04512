//! `AccessTokenEdge`: a personal access token with its place in the list.

use async_graphql::Object;
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
    resolution::One,
};

use super::access_token::AccessToken;

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
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn node(&self) -> One<&AccessToken> {
        One(&self.node)
    }
}
