//! `SetUserRolesPayload`: the account whose roles were set.

use async_graphql::Object;

use super::user::User;
use crate::guarded;

/// The account whose roles were set.
pub struct SetUserRolesPayload {
    pub(in crate::graphql) user: User,
}

/// The account whose roles were set.
#[guarded(public)]
#[Object]
impl SetUserRolesPayload {
    /// The account, as it is now.
    async fn user(&self) -> &User {
        &self.user
    }
}
