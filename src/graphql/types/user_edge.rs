//! `UserEdge`: an account with its place in the list.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

/// An account with its place in the list.
pub struct UserEdge {
    pub(super) cursor: String,
    pub(super) node: User,
}

/// An account with its place in the list.
#[guarded(public)]
#[Object]
impl UserEdge {
    /// The place in the list, for `after` and `before`. Opaque: it tells nothing of the account.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The account.
    async fn node(&self) -> &User {
        &self.node
    }
}
