//! What mutations of sessions take.

use async_graphql::{ID, InputObject};
use fieldguard_accounts::reauthenticate::Proof;
use fieldguard_domain::invalid::Reason;

use crate::{error::ApiError, sessions::token_delivery::TokenDelivery};

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

/// Input of `completeSignIn`.
#[derive(InputObject)]
pub struct CompleteSignInInput {
    /// The `challenge` in the payload of the step before.
    #[graphql(secret)]
    pub(crate) challenge: String,
    /// The six digits that the authenticator app shows, or a recovery code.
    #[graphql(secret)]
    pub(crate) code: String,
    /// Where to deliver the refresh token.
    #[graphql(default)]
    pub(crate) delivery: TokenDelivery,
}

/// Input of `reauthenticate`. Give the password or a code, and not both.
#[derive(InputObject)]
pub struct ReauthenticateInput {
    /// The current password.
    #[graphql(secret)]
    pub(crate) password: Option<String>,
    /// The six digits that the authenticator app shows, or a recovery code.
    #[graphql(secret)]
    pub(crate) code: Option<String>,
}

impl ReauthenticateInput {
    /// The password or the code.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for both or neither.
    pub(crate) fn proof(self) -> Result<Proof, ApiError> {
        match (self.password, self.code) {
            (Some(password), None) => Ok(Proof::Password(password)),
            (None, Some(code)) => Ok(Proof::Code(code)),
            _ => {
                let message = "Give either `password` or `code`.";
                Err(ApiError::bad_input("password", Reason::Conflicting, message))
            }
        }
    }
}

/// Input of `revokeSession`.
#[derive(InputObject)]
pub struct RevokeSessionInput {
    /// The session to revoke.
    pub(crate) session_id: ID,
}
