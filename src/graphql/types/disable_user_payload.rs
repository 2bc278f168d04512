//! `DisableUserPayload`: the account that was disabled.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

/// The account that was disabled.
pub struct DisableUserPayload {
    pub(in crate::graphql) user: User,
}

/// The account that was disabled.
#[guarded(public)]
#[Object]
impl DisableUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }
}
