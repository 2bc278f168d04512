//! Actions on a user, for clients that show only the buttons that work.

use chrono::{DateTime, Utc};

use super::user::User;

/// An action on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    /// Change the username or email address.
    Update,
    /// Disable the account.
    Disable,
    /// Enable the account.
    Enable,
    /// Reset the failed sign-ins.
    Unlock,
    /// Issue a code that resets the password.
    ResetPassword,
    /// Remove the second factor.
    ResetSecondFactor,
    /// Set the roles.
    SetRoles,
    /// Revoke all sessions.
    RevokeSessions,
    /// Schedule the deletion.
    Delete,
    /// Cancel the scheduled deletion.
    Restore,
}

impl UserAction {
    /// All actions.
    pub const ALL: [Self; 10] = [
        Self::Update,
        Self::Disable,
        Self::Enable,
        Self::Unlock,
        Self::ResetPassword,
        Self::ResetSecondFactor,
        Self::SetRoles,
        Self::RevokeSessions,
        Self::Delete,
        Self::Restore,
    ];

    /// Whether the state of the account allows the action.
    #[must_use]
    pub fn fits(self, user: &User, now: DateTime<Utc>) -> bool {
        match self {
            Self::Disable => user.disabled_at.is_none(),
            Self::Enable => user.disabled_at.is_some(),
            Self::Delete => user.deletion_due_at.is_none(),
            Self::Restore => user.deletion_due_at.is_some_and(|due| now < due),
            Self::ResetSecondFactor => user.has_second_factor(),
            Self::Update | Self::Unlock | Self::ResetPassword | Self::SetRoles | Self::RevokeSessions => true,
        }
    }

    /// Whether an administrator cannot administer any more after the action.
    #[must_use]
    pub const fn ends_administration(self) -> bool {
        matches!(self, Self::Disable | Self::Delete)
    }
}
