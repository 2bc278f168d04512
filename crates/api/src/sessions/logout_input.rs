//! `LogoutInput`: which session ends.

use async_graphql::InputObject;

/// Which session ends.
#[derive(InputObject)]
pub struct LogoutInput {
    /// A refresh token of the session.
    #[graphql(secret)]
    pub refresh_token: String,
}
