//! What can be done that leaves a row in the audit trail.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the database and the command line spell it.
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
    /// Somebody signed in.
    SignIn = "sign-in",
    /// Somebody tried to sign in and was refused.
    SignInFailed = "sign-in-failed",
    /// Somebody who is signed in gave his password again.
    Reauthenticated = "reauthenticated",
    /// Somebody who is signed in gave a wrong password where his own was asked for.
    PasswordProofFailed = "password-proof-failed",
    /// A person made an account.
    UserRegistered = "user-registered",
    /// An account was made by somebody else.
    UserCreated = "user-created",
    /// An account was taken over from another system.
    UserImported = "user-imported",
    /// The name or the email address of an account was changed.
    UserUpdated = "user-updated",
    /// An account was disabled.
    UserDisabled = "user-disabled",
    /// An account was enabled.
    UserEnabled = "user-enabled",
    /// The failed sign-ins of an account were forgotten.
    UserUnlocked = "user-unlocked",
    /// An account is to be deleted when its grace is over.
    UserDeletionScheduled = "user-deletion-scheduled",
    /// An account is not to be deleted after all.
    UserDeletionCanceled = "user-deletion-canceled",
    /// An account was deleted.
    UserDeleted = "user-deleted",
    /// The roles of an account were set.
    UserRolesSet = "user-roles-set",
    /// The holder of an account changed its password.
    PasswordChanged = "password-changed",
    /// A code that resets a password was made.
    PasswordResetIssued = "password-reset-issued",
    /// A password was set with such a code, or on the command line.
    PasswordReset = "password-reset",
    /// A session was ended before its time.
    SessionEnded = "session-ended",
    /// The sessions of an account were ended before their time.
    SessionsEnded = "sessions-ended",
    /// A refresh token was used again after its time, and its session ended.
    RefreshReused = "refresh-reused",
    /// A role was made.
    RoleCreated = "role-created",
    /// A role was changed.
    RoleUpdated = "role-updated",
    /// A role was deleted.
    RoleDeleted = "role-deleted",
    /// A personal access token was made.
    AccessTokenCreated = "access-token-created",
    /// A personal access token was revoked.
    AccessTokenRevoked = "access-token-revoked",
    /// Another key signs access tokens.
    KeyRotated = "key-rotated",
    /// A key that signed before is not valid any more.
    KeyRetired = "key-retired",
    /// The issuer of access tokens became another one.
    IssuerSet = "issuer-set",
    /// A change was refused for want of rights, or because its email address belongs to another account.
    MutationRefused = "mutation-refused",
    /// Personal fields of others were read.
    PersonalDataRead = "personal-data-read",
    /// Old rows of the trail were removed, as the settings say.
    TrailPruned = "trail-pruned",
    /// The database was restored from a backup.
    DatabaseRestored = "database-restored",
}

impl Action {
    /// The action that is spelled so.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }
}
