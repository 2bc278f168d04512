//! `AccessReason`: why a caller is denied.

use async_graphql::Enum;
use fieldguard_domain::missing::Missing;

/// Why access is denied. Errors have the same words in `extensions.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessReason {
    /// The caller is not signed in.
    NotSignedIn,
    /// The value belongs to another user, and the caller doesn't have what the rule requires for that.
    NotOwner,
    /// The caller doesn't have the required role.
    MissingRole,
    /// The caller doesn't have the required permission.
    MissingPermission,
    /// The caller uses a personal access token. Sign in instead.
    SessionRequired,
    /// The session has one factor. Sign in with your password and a code of your authenticator app.
    SecondFactorRequired,
    /// The session is not fresh. Call `reauthenticate`, then try again.
    ReauthenticationRequired,
    /// The owner of the value is known only when the operation runs. Only with `extensions.onDenied` set to `reject`, which refuses an operation as a whole before it runs.
    OwnerUnknown,
}

impl From<Missing> for AccessReason {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::SignIn => Self::NotSignedIn,
            Missing::Ownership => Self::NotOwner,
            Missing::Role(_) => Self::MissingRole,
            Missing::Permission(_) => Self::MissingPermission,
            Missing::Session => Self::SessionRequired,
            Missing::SecondFactor => Self::SecondFactorRequired,
            Missing::Freshness => Self::ReauthenticationRequired,
        }
    }
}
