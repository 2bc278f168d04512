//! What mutations of sessions take.

use async_graphql::{ID, InputObject};

use crate::sessions::token_delivery::TokenDelivery;

/// Input of `login`.
#[derive(InputObject)]
pub struct LoginInput {
    /// The username. Where `serverInfo.signInWithEmail` is true, the email address works too.
    pub(crate) username: String,
    /// The password.
    #[graphql(secret)]
    pub(crate) password: String,
    /// Where to deliver the refresh token.
    #[graphql(default)]
    pub(crate) delivery: TokenDelivery,
}

/// Input of `refresh`.
#[derive(InputObject)]
pub struct RefreshInput {
    /// The refresh token of the last sign-in or `refresh`.
    #[graphql(secret)]
    pub(crate) refresh_token: String,
}

/// Input of `logout`.
#[derive(InputObject)]
pub struct LogoutInput {
    /// A refresh token of the session.
    #[graphql(secret)]
    pub(crate) refresh_token: String,
}

/// Input of `logoutEverywhere`.
#[derive(InputObject)]
pub struct LogoutEverywhereInput {
    /// Whether to keep the session that sends the request.
    #[graphql(default)]
    pub(crate) keep_current: bool,
}

/// Input of `reauthenticate`.
#[derive(InputObject)]
pub struct ReauthenticateInput {
    /// The current password.
    #[graphql(secret)]
    pub(crate) password: String,
}

/// Input of `revokeSession`.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// The session to revoke.
    pub(crate) session_id: ID,
}
