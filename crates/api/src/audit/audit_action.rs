//! `AuditAction`: what audit events record.

use async_graphql::Enum;
use fieldguard_domain::audit;

/// An action that the audit log records.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::Action")]
pub enum AuditAction {
    /// A user signed in.
    SignIn,
    /// A sign-in was refused.
    SignInFailed,
    /// A signed-in user proved again who they are.
    Reauthenticated,
    /// A signed-in user entered a wrong password or code.
    ReauthenticationFailed,
    /// A user registered.
    UserRegistered,
    /// A user was created by an administrator.
    UserCreated,
    /// A user was imported from another system.
    UserImported,
    /// The username, the email address or the profile of a user was updated.
    UserUpdated,
    /// A user asked for a code that verifies their email address.
    EmailVerificationRequested,
    /// A user verified their email address.
    EmailVerified,
    /// The email address of a user was restored with a code that was sent to it.
    EmailChangeUndone,
    /// A user was disabled.
    UserDisabled,
    /// A user was enabled.
    UserEnabled,
    /// The failed sign-ins of a user were forgotten.
    UserUnlocked,
    /// The deletion of a user was scheduled.
    UserDeletionScheduled,
    /// The scheduled deletion of a user was undone.
    UserRestored,
    /// A user was deleted.
    UserDeleted,
    /// The roles of a user were set.
    UserRolesSet,
    /// A user changed their password.
    PasswordChanged,
    /// A password reset code was issued.
    PasswordResetIssued,
    /// A password reset code was requested by mail, for an address that may belong to no user.
    PasswordResetRequested,
    /// A password was set with a reset code or on the command line.
    PasswordReset,
    /// A user enabled sign-in with codes of an authenticator app.
    TotpEnabled,
    /// A user removed their authenticator app.
    TotpRemoved,
    /// A user created new recovery codes.
    RecoveryCodesCreated,
    /// A user used a recovery code in place of a code of their authenticator app.
    RecoveryCodeUsed,
    /// The second factor of a user was removed by an administrator or on the command line.
    SecondFactorReset,
    /// A session was revoked.
    SessionRevoked,
    /// All sessions of a user were revoked.
    SessionsRevoked,
    /// A used refresh token was used again, and its session was revoked.
    RefreshTokenReused,
    /// A role was created.
    RoleCreated,
    /// A role was updated.
    RoleUpdated,
    /// A role was deleted.
    RoleDeleted,
    /// A personal access token was created.
    PersonalAccessTokenCreated,
    /// A personal access token was revoked.
    PersonalAccessTokenRevoked,
    /// A new key signs access tokens.
    KeyRotated,
    /// A former signing key is no longer valid.
    KeyRetired,
    /// The issuer of access tokens was changed. Earlier access tokens are refused.
    IssuerSet,
    /// Webhook events were queued for delivery again.
    WebhookEventsReplayed,
    /// A mutation was refused, for lack of access or because its email address belongs to another user.
    MutationRefused,
    /// Personal fields of other users were read.
    PersonalDataRead,
    /// Old events of the audit log were deleted, as configured.
    AuditLogPruned,
    /// The database was restored from a backup. All sessions, personal access tokens and password reset codes were revoked.
    DatabaseRestored,
}
