//! `UpdateUserPayload`: the account that was changed.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

/// The account that was changed.
pub struct UpdateUserPayload {
    pub(in crate::graphql) user: User,
}

/// The account that was changed.
#[guarded(public)]
#[Object]
impl UpdateUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }
}
