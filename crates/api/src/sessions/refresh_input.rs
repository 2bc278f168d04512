//! `RefreshInput`: which session goes on.

use async_graphql::InputObject;

/// Which session goes on.
#[derive(InputObject)]
pub struct RefreshInput {
    /// The refresh token that the last sign-in or `refresh` answered.
    #[graphql(secret)]
    pub refresh_token: String,
}
