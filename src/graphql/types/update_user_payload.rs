//! `UpdateUserPayload`: the account that was changed.

use async_graphql::Object;
use fieldguard_guard::guarded;

use super::user::User;

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
