//! What mutations of personal access tokens take.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use fieldguard_accounts::create_personal_access_token::NewPersonalAccessToken;

/// Input of `createPersonalAccessToken`.
#[derive(InputObject)]
pub struct CreatePersonalAccessTokenInput {
    /// The name in the list of tokens, such as what the token is for and where it is kept: 1 to 60 characters.
    name: String,
    /// The names of the permissions of the token. You can only give permissions you have. With an empty list, the token only reads your own account.
    permissions: Vec<String>,
    /// When the token expires: within 366 days. Defaults to 90 days from now.
    expires_at: Option<DateTime<Utc>>,
}

impl From<CreatePersonalAccessTokenInput> for NewPersonalAccessToken {
    fn from(input: CreatePersonalAccessTokenInput) -> Self {
        Self { name: input.name, permissions: input.permissions, expires_at: input.expires_at }
    }
}

/// Input of `revokePersonalAccessToken`.
#[derive(InputObject)]
pub struct RevokePersonalAccessTokenInput {
    /// The token to revoke.
    pub(crate) personal_access_token_id: ID,
}
