//! `UserEdge`: an account with its place in the list.

use std::sync::Arc;

use async_graphql::{Context, Object};
use fieldguard_guard::{guarded, resolution::One};

use crate::users::{user::User, user_connection::List};

/// An account with its place in the list.
pub struct UserEdge {
    /// Seals the cursor, for whoever asks for it: most who read a page want that of its end alone.
    pub(crate) list: Arc<List>,
    pub(crate) node: User,
}

/// An account with its place in the list.
#[guarded(public)]
#[Object]
impl UserEdge {
    /// The place in the list, for `after` and `before`. Opaque: it tells nothing of the account.
    async fn cursor(&self, ctx: &Context<'_>) -> String {
        self.list.cursor(ctx, self.node.model())
    }

    /// The account.
    async fn node(&self) -> One<&User> {
        One(&self.node)
    }
}
