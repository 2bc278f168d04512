//! What one may do to an account, for people who are to see the buttons that work and no others.

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
}
