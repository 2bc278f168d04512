//! `EnableUserPayload`: the account that was enabled.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

/// The account that was enabled.
pub struct EnableUserPayload {
    pub(in crate::graphql) user: User,
}

/// The account that was enabled.
#[guarded(public)]
#[Object]
impl EnableUserPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }
}
