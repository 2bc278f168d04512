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
    /// A sign-in was refused.
    SignInFailed = "sign-in-failed",
    /// A signed-in user proved again who they are.
    Reauthenticated = "reauthenticated",
    /// A signed-in user entered a wrong password or code.
    ReauthenticationFailed = "reauthentication-failed",
    /// A user registered.
    UserRegistered = "user-registered",
    /// A user was created by an administrator.
    UserCreated = "user-created",
    /// A user was imported from another system.
    UserImported = "user-imported",
    /// The username, the email address or the profile of a user was updated.
    UserUpdated = "user-updated",
    /// A user asked for a code that verifies their email address.
    EmailVerificationRequested = "email-verification-requested",
    /// A user verified their email address.
    EmailVerified = "email-verified",
    /// The email address of a user was restored with a code that was sent to it.
    EmailChangeUndone = "email-change-undone",
    /// A user was disabled.
    UserDisabled = "user-disabled",
    /// A user was enabled.
    UserEnabled = "user-enabled",
    /// The failed sign-ins of a user were forgotten.
    UserUnlocked = "user-unlocked",
    /// The deletion of a user was scheduled.
    UserDeletionScheduled = "user-deletion-scheduled",
    /// The scheduled deletion of a user was undone.
    UserRestored = "user-restored",
    /// A user was deleted.
    UserDeleted = "user-deleted",
    /// The roles of a user were set.
    UserRolesSet = "user-roles-set",
    /// A user changed their password.
    PasswordChanged = "password-changed",
    /// A password reset code was issued.
    PasswordResetIssued = "password-reset-issued",
    /// A password reset code was requested by mail, for an address that may belong to no user.
    PasswordResetRequested = "password-reset-requested",
    /// A password was set with a reset code or on the command line.
    PasswordReset = "password-reset",
    /// A user enabled sign-in with codes of an authenticator app.
    TotpEnabled = "totp-enabled",
    /// A user removed their authenticator app.
    TotpRemoved = "totp-removed",
    /// A user created new recovery codes.
    RecoveryCodesCreated = "recovery-codes-created",
    /// A user used a recovery code in place of a code of their authenticator app.
    RecoveryCodeUsed = "recovery-code-used",
    /// The second factor of a user was removed by an administrator or on the command line.
    SecondFactorReset = "second-factor-reset",
    /// A session was revoked.
    SessionRevoked = "session-revoked",
    /// All sessions of a user were revoked.
    SessionsRevoked = "sessions-revoked",
    /// A used refresh token was used again, and its session was revoked.
    RefreshTokenReused = "refresh-token-reused",
    /// A role was created.
    RoleCreated = "role-created",
    /// A role was updated.
    RoleUpdated = "role-updated",
    /// A role was deleted.
    RoleDeleted = "role-deleted",
    /// A personal access token was created.
    PersonalAccessTokenCreated = "personal-access-token-created",
    /// A personal access token was revoked.
    PersonalAccessTokenRevoked = "personal-access-token-revoked",
    /// A new key signs access tokens.
    KeyRotated = "key-rotated",
    /// A former signing key is no longer valid.
    KeyRetired = "key-retired",
    /// The issuer of access tokens was changed. Earlier access tokens are refused.
    IssuerSet = "issuer-set",
    /// Webhook events were queued for delivery again.
    WebhookEventsReplayed = "webhook-events-replayed",
    /// A mutation was refused, for lack of access or because its email address belongs to another user.
    MutationRefused = "mutation-refused",
    /// Personal fields of other users were read.
    PersonalDataRead = "personal-data-read",
    /// Old events of the audit log were deleted, as configured.
    AuditLogPruned = "audit-log-pruned",
    /// The database was restored from a backup. All sessions, personal access tokens and password reset codes were
    /// revoked.
    DatabaseRestored = "database-restored",
}

impl Action {
    /// The action with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }
}
