//! The actions in the audit log.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// The action of an audit event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)+
        }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the database and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

actions! {
    /// A user signed in.
    SignIn = "sign-in",
    /// A sign-in failed.
    SignInFailed = "sign-in-failed",
    /// A signed-in user gave their password again.
    Reauthenticated = "reauthenticated",
    /// A signed-in user gave a wrong password where theirs was required.
    PasswordProofFailed = "password-proof-failed",
    /// A user signed up.
    UserRegistered = "user-registered",
    /// Another user created the account.
    UserCreated = "user-created",
    /// A user was imported from another system.
    UserImported = "user-imported",
    /// The name or email address of a user was changed.
    UserUpdated = "user-updated",
    /// A user was disabled.
    UserDisabled = "user-disabled",
    /// A user was enabled.
    UserEnabled = "user-enabled",
    /// The failed sign-ins of a user were reset.
    UserUnlocked = "user-unlocked",
    /// The deletion of a user was scheduled.
    UserDeletionScheduled = "user-deletion-scheduled",
    /// The scheduled deletion of a user was canceled.
    UserDeletionCanceled = "user-deletion-canceled",
    /// A user was deleted.
    UserDeleted = "user-deleted",
    /// The roles of a user were set.
    UserRolesSet = "user-roles-set",
    /// A user changed their own password.
    PasswordChanged = "password-changed",
    /// A code that resets a password was issued.
    PasswordResetIssued = "password-reset-issued",
    /// A password was reset with such a code, or on the command line.
    PasswordReset = "password-reset",
    /// A session was revoked.
    SessionEnded = "session-ended",
    /// All sessions of a user were revoked.
    SessionsEnded = "sessions-ended",
    /// A refresh token was used again after its grace period, and its session was revoked.
    RefreshReused = "refresh-reused",
    /// A role was created.
    RoleCreated = "role-created",
    /// A role was updated.
    RoleUpdated = "role-updated",
    /// A role was deleted.
    RoleDeleted = "role-deleted",
    /// A personal access token was created.
    AccessTokenCreated = "access-token-created",
    /// A personal access token was revoked.
    AccessTokenRevoked = "access-token-revoked",
    /// Another key became the signing key of access tokens.
    KeyRotated = "key-rotated",
    /// A former signing key became invalid.
    KeyRetired = "key-retired",
    /// The issuer of access tokens was changed.
    IssuerSet = "issuer-set",
    /// A change was denied for lack of permissions, or because its email address belongs to another user.
    MutationRefused = "mutation-refused",
    /// Personal data of other users was read.
    PersonalDataRead = "personal-data-read",
    /// Old events were removed from the audit log, as configured.
    TrailPruned = "trail-pruned",
    /// The database was restored from a backup.
    DatabaseRestored = "database-restored",
}

impl Action {
    /// The action with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }
}
