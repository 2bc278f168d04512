//! `AuditAction`: what can be done that leaves a row in the audit trail.

use async_graphql::Enum;
use fieldguard_domain::audit;

/// What can be done that leaves a row in the audit trail.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::Action")]
pub enum AuditAction {
    /// Somebody signed in.
    SignIn,
    /// Somebody tried to sign in and was refused.
    SignInFailed,
    /// Somebody who is signed in gave his password again.
    Reauthenticated,
    /// Somebody who is signed in gave a wrong password where his own was asked for.
    PasswordProofFailed,
    /// A person made an account.
    UserRegistered,
    /// An account was made by somebody else.
    UserCreated,
    /// An account was taken over from another system.
    UserImported,
    /// The name or the email address of an account was changed.
    UserUpdated,
    /// An account was disabled.
    UserDisabled,
    /// An account was enabled.
    UserEnabled,
    /// The failed sign-ins of an account were forgotten.
    UserUnlocked,
    /// An account is to be deleted when its grace is over.
    UserDeletionScheduled,
    /// An account is not to be deleted after all.
    UserDeletionCanceled,
    /// An account was deleted.
    UserDeleted,
    /// The roles of an account were set.
    UserRolesSet,
    /// The holder of an account changed its password.
    PasswordChanged,
    /// A code that resets a password was made.
    PasswordResetIssued,
    /// A password was set with such a code, or on the command line.
    PasswordReset,
    /// A session was ended before its time.
    SessionEnded,
    /// The sessions of an account were ended before their time.
    SessionsEnded,
    /// A refresh token was used again after its time, and its session ended.
    RefreshReused,
    /// A role was made.
    RoleCreated,
    /// A role was changed.
    RoleUpdated,
    /// A role was deleted.
    RoleDeleted,
    /// A personal access token was made.
    AccessTokenCreated,
    /// A personal access token was revoked.
    AccessTokenRevoked,
    /// Another key signs access tokens.
    KeyRotated,
    /// A key that signed before is not valid any more.
    KeyRetired,
    /// The issuer of access tokens became another one: tokens issued before are refused.
    IssuerSet,
    /// A change was refused for want of rights, or because its email address belongs to another account.
    MutationRefused,
    /// Personal fields of others were read.
    PersonalDataRead,
    /// Old rows of the trail were removed, as the settings say.
    TrailPruned,
    /// The database was restored from a backup: every session, personal access token and password reset code was revoked.
    DatabaseRestored,
}
