//! What one may do to an account, for people who are to see the buttons that work and no others.

use chrono::{DateTime, Utc};

use super::user::User;

/// Something one does to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    /// Change its name or address.
    Update,
    /// Disable it.
    Disable,
    /// Enable it.
    Enable,
    /// Forgive its failed sign-ins.
    Unlock,
    /// Make a code that resets its password.
    ResetPassword,
    /// Give it other roles.
    SetRoles,
    /// End its sessions.
    RevokeSessions,
    /// Have it deleted.
    Delete,
    /// Take that back.
    Restore,
}

impl UserAction {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Update,
        Self::Disable,
        Self::Enable,
        Self::Unlock,
        Self::ResetPassword,
        Self::SetRoles,
        Self::RevokeSessions,
        Self::Delete,
        Self::Restore,
    ];

    /// Does the state of the account leave it to be done?
    #[must_use]
    pub fn fits(self, user: &User, now: DateTime<Utc>) -> bool {
        match self {
            Self::Disable => user.disabled_at.is_none(),
            Self::Enable => user.disabled_at.is_some(),
            Self::Delete => user.deletion_due_at.is_none(),
            Self::Restore => user.deletion_due_at.is_some_and(|due| now < due),
            Self::Update | Self::Unlock | Self::ResetPassword | Self::SetRoles | Self::RevokeSessions => true,
        }
    }

    /// Does it leave an administrator who can no longer administer?
    #[must_use]
    pub const fn ends_administration(self) -> bool {
        matches!(self, Self::Disable | Self::Delete)
    }
}
