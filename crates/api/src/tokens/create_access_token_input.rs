//! `CreateAccessTokenInput`: what a personal access token is to be.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use fieldguard_accounts::create_access_token::NewAccessToken;

/// What a personal access token is to be.
#[derive(InputObject)]
pub struct CreateAccessTokenInput {
    /// What to call it in the list: 1 to 60 characters, such as what it is for and where it is kept.
    name: String,
    /// The names of the permissions it gets, each of which its maker holds. Empty for a token that reads its maker's own account and nothing else.
    permissions: Vec<String>,
    /// When it ends: within 366 days. After 90 days where this is left out.
    expires_at: Option<DateTime<Utc>>,
}

impl From<CreateAccessTokenInput> for NewAccessToken {
    fn from(input: CreateAccessTokenInput) -> Self {
        Self { name: input.name, permissions: input.permissions, expires_at: input.expires_at }
    }
}
