//! `SecurityEventKind`: what can happen to an account.

use async_graphql::Enum;
use fieldguard_domain::security_event;

/// What can happen to an account.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "security_event::SecurityEventKind")]
pub enum SecurityEventKind {
    /// Somebody signed in.
    SignIn,
    /// Somebody tried to sign in with a wrong password.
    SignInFailed,
    /// A refresh token was shown again after its time: two have it, and one of them stole it. The session ended.
    RefreshReused,
    /// The password was changed.
    PasswordChanged,
    /// The password was set anew with a code from an administrator, or on the command line.
    PasswordReset,
    /// An administrator made a code to set the password anew.
    PasswordResetIssued,
    /// The email address was changed.
    EmailChanged,
    /// Sessions were ended before their time.
    SessionsEnded,
    /// A personal access token was made.
    TokenCreated,
    /// A personal access token was taken back.
    TokenRevoked,
}
