//! `ImportUsersPayload`: the accounts that were imported.

use async_graphql::Object;
use fieldguard_guard::guarded;

use super::user::User;

/// The accounts that were imported.
pub struct ImportUsersPayload {
    pub(in crate::graphql) users: Vec<User>,
}

/// The accounts that were imported.
#[guarded(public)]
#[Object]
impl ImportUsersPayload {
    /// The accounts, in the order of the input.
    async fn users(&self) -> &[User] {
        &self.users
    }
}
