//! `CreateUserInput`: for whom an account is made.

use async_graphql::InputObject;

/// For whom an account is made.
#[derive(InputObject)]
pub struct CreateUserInput {
    /// The name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores. Names that differ only in case are the same.
    pub username: String,
    /// The address for mail, if any.
    pub email: Option<String>,
}
