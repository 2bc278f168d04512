//! Security events: what an account owner should know about their account. The audit log records everything else.

use chrono::{DateTime, Utc};

use super::{
    id::{SecurityEventId, SessionId},
    session::Client,
};

/// An event on a user's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// The event's identifier.
    pub id: SecurityEventId,
    /// The kind of event.
    pub kind: SecurityEventAction,
    /// The time of the event.
    pub occurred_at: DateTime<Utc>,
    /// The session in which it happened, or which it affected.
    pub session: Option<SessionId>,
    /// Where the request came from.
    pub client: Client,
}

/// The kind of a security event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecurityEventAction {
    /// A user signed in.
    SignIn,
    /// A sign-in failed with a wrong password or code.
    SignInFailed,
    /// A refresh token was used again after its grace period: of two clients that have it, one stole it.
    RefreshTokenReused,
    /// The password was changed.
    PasswordChanged,
    /// The password was reset with a code.
    PasswordReset,
    /// A code that resets the password was issued by an administrator, or requested by mail.
    PasswordResetIssued,
    /// Sign-in with codes of an authenticator app was enabled.
    TotpEnabled,
    /// The authenticator app was removed.
    TotpRemoved,
    /// New recovery codes were created.
    RecoveryCodesCreated,
    /// A recovery code was used.
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

impl SecurityEventAction {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::SignIn,
        Self::SignInFailed,
        Self::RefreshTokenReused,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::PasswordResetIssued,
        Self::TotpEnabled,
        Self::TotpRemoved,
        Self::RecoveryCodesCreated,
        Self::RecoveryCodeUsed,
        Self::SecondFactorReset,
        Self::EmailChanged,
        Self::SessionsRevoked,
        Self::PersonalAccessTokenCreated,
        Self::PersonalAccessTokenRevoked,
    ];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignInFailed => "sign-in-failed",
            Self::RefreshTokenReused => "refresh-token-reused",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::PasswordResetIssued => "password-reset-issued",
            Self::TotpEnabled => "totp-enabled",
            Self::TotpRemoved => "totp-removed",
            Self::RecoveryCodesCreated => "recovery-codes-created",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::SecondFactorReset => "second-factor-reset",
            Self::EmailChanged => "email-changed",
            Self::SessionsRevoked => "sessions-revoked",
            Self::PersonalAccessTokenCreated => "personal-access-token-created",
            Self::PersonalAccessTokenRevoked => "personal-access-token-revoked",
        }
    }

    /// The kind with this name in the database.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
