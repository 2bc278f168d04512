//! `SecurityEventAction`: what can happen to an account.

use async_graphql::Enum;
use fieldguard_domain::security_event;

/// An action that security events record.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "security_event::SecurityEventAction")]
pub enum SecurityEventAction {
    /// The user signed in.
    SignIn,
    /// A sign-in with a wrong password or code was refused.
    SignInFailed,
    /// A used refresh token was used again, which suggests that it was stolen. The session was revoked.
    RefreshTokenReused,
    /// The password was changed.
    PasswordChanged,
    /// The password was set with a reset code or on the command line.
    PasswordReset,
    /// A password reset code was issued by an administrator, or requested by mail.
    PasswordResetIssued,
    /// Sign-in with codes of an authenticator app was enabled.
    TotpEnabled,
    /// The authenticator app was removed.
    TotpRemoved,
    /// New recovery codes were created. The former ones no longer work.
    RecoveryCodesCreated,
    /// A recovery code was used in place of a code of the authenticator app.
    RecoveryCodeUsed,
    /// An administrator removed the second factor.
    SecondFactorReset,
    /// The email address was changed.
    EmailChanged,
    /// Sessions were revoked.
    SessionsRevoked,
    /// A personal access token was created.
    PersonalAccessTokenCreated,
    /// A personal access token was revoked.
    PersonalAccessTokenRevoked,
}
