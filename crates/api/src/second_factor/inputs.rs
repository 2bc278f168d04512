//! What mutations of second factors take.

use async_graphql::{ID, InputObject};

/// Input of `beginTotpEnrollmentAtSignIn`.
#[derive(InputObject)]
pub struct BeginTotpEnrollmentAtSignInInput {
    /// The `challenge` in the payload of the step before.
    #[graphql(secret)]
    pub(crate) challenge: String,
}

/// Input of `confirmTotpEnrollment`.
#[derive(InputObject)]
pub struct ConfirmTotpEnrollmentInput {
    /// The six digits that the authenticator app shows.
    #[graphql(secret)]
    pub(crate) code: String,
}

/// Input of `removeTotp`.
#[derive(InputObject)]
pub struct RemoveTotpInput {
    /// The six digits that the authenticator app shows, or a recovery code.
    #[graphql(secret)]
    pub(crate) code: String,
}

/// Input of `createRecoveryCodes`.
#[derive(InputObject)]
pub struct CreateRecoveryCodesInput {
    /// The six digits that the authenticator app shows, or a recovery code.
    #[graphql(secret)]
    pub(crate) code: String,
}

/// Input of `resetSecondFactor`.
#[derive(InputObject)]
pub struct ResetSecondFactorInput {
    /// The user whose second factor to remove.
    pub(crate) user_id: ID,
}
