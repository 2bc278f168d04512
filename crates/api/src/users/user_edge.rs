//! `UserEdge`: a user and their cursor.

use std::sync::Arc;

use async_graphql::{Context, Object};
use fieldguard_guard::guarded;

use crate::users::{user::User, user_connection::List};

/// A user in a list, and their cursor.
pub struct UserEdge {
    /// Encrypts the cursor on demand: most clients read only the last one of a page.
    pub(crate) list: Arc<List>,
    pub(crate) node: User,
}

/// A user in a list, and their cursor.
#[guarded(public)]
#[Object]
impl UserEdge {
    /// The cursor of the user, for `after` and `before`. It is opaque.
    async fn cursor(&self, ctx: &Context<'_>) -> String {
        self.list.cursor(ctx, self.node.model())
    }

    /// The user.
    async fn node(&self) -> &User {
        &self.node
    }
}
