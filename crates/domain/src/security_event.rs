//! Security events: what happened to an account that its owner should know of. Who is told of what else is the audit
//! trail's business.

use chrono::{DateTime, Utc};

use super::{
    id::{SecurityEventId, SessionId},
    session::Client,
};

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Names it.
    pub id: SecurityEventId,
    /// What it was.
    pub kind: SecurityEventKind,
    /// When it was.
    pub occurred_at: DateTime<Utc>,
    /// The session it happened in or to, where there was one.
    pub session: Option<SessionId>,
    /// From where.
    pub client: Client,
}

/// What can happen to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecurityEventKind {
    /// Somebody signed in.
    SignIn,
    /// Somebody tried to sign in, with a wrong password.
    SignInFailed,
    /// A refresh token was shown again after its time: two have it, and one of them stole it.
    RefreshTokenReused,
    /// The password was changed.
    PasswordChanged,
    /// The password was set anew with a code from an administrator.
    PasswordReset,
    /// A code to set the password anew was made by an administrator.
    PasswordResetIssued,
    /// The email address was changed.
    EmailChanged,
    /// Sessions were ended before their time.
    SessionsRevoked,
    /// A personal access token was made.
    PersonalAccessTokenCreated,
    /// A personal access token was taken back.
    PersonalAccessTokenRevoked,
}

impl SecurityEventKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::SignIn,
        Self::SignInFailed,
        Self::RefreshTokenReused,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::PasswordResetIssued,
        Self::EmailChanged,
        Self::SessionsRevoked,
        Self::PersonalAccessTokenCreated,
        Self::PersonalAccessTokenRevoked,
    ];

    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignInFailed => "sign-in-failed",
            Self::RefreshTokenReused => "refresh-token-reused",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::PasswordResetIssued => "password-reset-issued",
            Self::EmailChanged => "email-changed",
            Self::SessionsRevoked => "sessions-revoked",
            Self::PersonalAccessTokenCreated => "personal-access-token-created",
            Self::PersonalAccessTokenRevoked => "personal-access-token-revoked",
        }
    }

    /// The kind the database spells so.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}
