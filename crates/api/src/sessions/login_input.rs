//! `LoginInput`: who signs in.

use async_graphql::InputObject;

use crate::sessions::token_delivery::TokenDelivery;

/// Who signs in.
#[derive(InputObject)]
pub struct LoginInput {
    /// The name of the account, in any spelling of it. Where `serverInfo.signInWithEmail` is true, you can give its email address instead.
    pub username: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
    /// Where the refresh token goes.
    #[graphql(default)]
    pub delivery: TokenDelivery,
}
