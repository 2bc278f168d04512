//! `ChangePasswordInput`: the old password and the new one.

use async_graphql::InputObject;

/// The old password and the new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password as it is now.
    #[graphql(secret)]
    pub current_password: String,
    /// The password as it is to be. `serverInfo` says what it must be.
    #[graphql(secret)]
    pub new_password: String,
}
