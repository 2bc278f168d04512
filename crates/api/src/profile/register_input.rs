//! `RegisterInput`: who wants an account.

use async_graphql::InputObject;
use fieldguard_accounts::register::Registration;

use crate::sessions::token_delivery::TokenDelivery;

/// Who wants an account.
#[derive(InputObject)]
pub struct RegisterInput {
    /// The name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores. Names that differ only in case are the same.
    username: String,
    /// The address for mail, if any.
    email: Option<String>,
    /// The password. `serverInfo` says what it must be.
    #[graphql(secret)]
    password: String,
    /// Where the refresh token goes.
    #[graphql(default)]
    pub(crate) delivery: TokenDelivery,
}

impl From<RegisterInput> for Registration {
    fn from(input: RegisterInput) -> Self {
        Self { username: input.username, email: input.email, password: input.password }
    }
}
