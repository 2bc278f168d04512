//! An account, as everyone above the store sees it: without its password hash, which has no way up.

use chrono::{DateTime, Utc};

use super::{email::EmailAddress, id::UserId, username::Username};

/// An account: a person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// The name to sign in with, as the person spells it.
    pub username: Username,
    /// The address for mail, where one was given.
    pub email: Option<EmailAddress>,
    /// Since when signing in is refused; nothing for an account in use.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it is deleted for good, where that is scheduled; until then it cannot be used, and can be restored.
    pub deletion_due_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its holder last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

impl User {
    /// Whether it can sign in, and why not.
    #[must_use]
    pub const fn state(&self) -> UserState {
        match (self.deletion_due_at, self.disabled_at) {
            (Some(_), _) => UserState::DeletionScheduled,
            (None, Some(_)) => UserState::Disabled,
            (None, None) => UserState::Active,
        }
    }

    /// May its holder sign in, as far as that lies in the account? Whoever may not is counted as nobody's administrator.
    #[must_use]
    pub const fn may_sign_in(&self) -> bool {
        self.disabled_at.is_none() && self.deletion_due_at.is_none()
    }
}

/// Whether an account can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserState {
    /// It can.
    Active,
    /// It was disabled.
    Disabled,
    /// It is about to be deleted, disabled before or not.
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

/// How many accounts there are, as an operator looks at them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserCounts {
    /// All of them.
    pub total: u64,
    /// Those that can sign in.
    pub active: u64,
    /// Those that were disabled and are not about to be deleted.
    pub disabled: u64,
    /// Those whose deletion is scheduled.
    pub leaving: u64,
    /// Those made within the last seven days.
    pub recent: u64,
}
