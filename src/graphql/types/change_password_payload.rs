//! `ChangePasswordPayload`: the account whose password was changed.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

/// The account whose password was changed.
pub struct ChangePasswordPayload {
    pub(in crate::graphql) user: User,
    pub(in crate::graphql) sessions_ended: u64,
}

/// The account whose password was changed.
#[guarded(public)]
#[Object]
impl ChangePasswordPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }

    /// How many other sessions of the account ended.
    async fn sessions_ended(&self) -> u64 {
        self.sessions_ended
    }
}
