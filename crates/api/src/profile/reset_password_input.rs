//! `ResetPasswordInput`: a code and a new password.

use async_graphql::InputObject;

/// A code and a new password.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The code that an administrator made with `issuePasswordReset`.
    #[graphql(secret)]
    pub code: String,
    /// The password as it is to be. `serverInfo` says what it must be.
    #[graphql(secret)]
    pub new_password: String,
}
