//! `SignInStep`: what to do next to sign in.

use async_graphql::Enum;
use fieldguard_accounts::next_step::NextStep;

/// What to do next to sign in.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "NextStep")]
pub enum SignInStep {
    /// Call `completeSignIn` with the challenge and a code of the authenticator app, or a recovery code.
    SecondFactor,
    /// A role of the user requires a second factor. Call `beginTotpEnrollmentAtSignIn` with the challenge, show the QR code, and then call `completeSignIn` with a code of the authenticator app.
    EnrollSecondFactor,
}
