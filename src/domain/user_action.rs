//! What one may do to an account, for people who are to see the buttons that work and no others.

/// Something one does to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    /// Disable it.
    Disable,
    /// Enable it.
    Enable,
    /// Make a code that resets its password.
    ResetPassword,
    /// Give it other roles.
    SetRoles,
    /// End its sessions.
    RevokeSessions,
}

impl UserAction {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Disable, Self::Enable, Self::ResetPassword, Self::SetRoles, Self::RevokeSessions];
}
