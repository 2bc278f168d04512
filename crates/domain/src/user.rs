//! Users, as the layers above the store see them: without the password hash, which never leaves the store.

use chrono::{DateTime, Utc};

use super::{email::EmailAddress, id::UserId, username::Username};

/// A user: a person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user's identifier.
    pub id: UserId,
    /// The name to sign in with, as the user spells it.
    pub username: Username,
    /// The email address, if the user has one.
    pub email: Option<EmailAddress>,
    /// The time when the user proved that they read the mail of this address, or an administrator vouched for it.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The time when the account was disabled. `None` if it is enabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// The time when the scheduled deletion becomes final. Until then the user cannot sign in and can be restored.
    pub deletion_due_at: Option<DateTime<Utc>>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time of the last sign-in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// The time since when sign-ins require a code of an authenticator app. `None` without a second factor.
    pub totp_since: Option<DateTime<Utc>>,
}

impl User {
    /// The email address, if it is verified.
    #[must_use]
    pub fn verified_email(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_verified_at.is_some())
    }

    /// Whether the user can sign in, and why not.
    #[must_use]
    pub const fn state(&self) -> UserState {
        match (self.deletion_due_at, self.disabled_at) {
            (Some(_), _) => UserState::DeletionScheduled,
            (None, Some(_)) => UserState::Disabled,
            (None, None) => UserState::Active,
        }
    }

    /// Whether the user has a second factor, which every sign-in then requires.
    #[must_use]
    pub const fn has_second_factor(&self) -> bool {
        self.totp_since.is_some()
    }

    /// Whether the user may sign in, as far as the account decides. A user who may not does not count as an
    /// administrator.
    #[must_use]
    pub const fn may_sign_in(&self) -> bool {
        self.disabled_at.is_none() && self.deletion_due_at.is_none()
    }
}

/// Whether a user can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserState {
    /// The user can sign in.
    Active,
    /// The account is disabled.
    Disabled,
    /// The user's deletion is scheduled, whether the account is disabled or not.
    DeletionScheduled,
}

impl UserState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Disabled, Self::DeletionScheduled];

    /// As the audit log and the schema spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
            Self::DeletionScheduled => "DELETION_SCHEDULED",
        }
    }

    /// The state that is spelled so.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The numbers of users in the admin overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserCounts {
    /// All users.
    pub total: u64,
    /// Users who can sign in.
    pub active: u64,
    /// Disabled users whose deletion is not scheduled.
    pub disabled: u64,
    /// Users whose deletion is scheduled.
    pub leaving: u64,
    /// Users created within the last seven days.
    pub recent: u64,
}
