//! `LoginInput`: who signs in.

use async_graphql::InputObject;

/// Who signs in.
#[derive(InputObject)]
pub struct LoginInput {
    /// The name of the account, in any spelling of it.
    pub username: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
}
