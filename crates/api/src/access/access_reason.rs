//! `AccessReason`: why one is not let through.

use async_graphql::Enum;
use fieldguard_domain::missing::Missing;

/// Why one is not let through. Refusals have the same words in `extensions.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccessReason {
    /// Nobody is signed in.
    NotSignedIn,
    /// The value is somebody else's, and one lacks what the rule demands then.
    NotOwner,
    /// One lacks the role.
    MissingRole,
    /// One lacks the permission.
    MissingPermission,
    /// One comes by a personal access token, which is not enough.
    NoSession,
    /// The password was not given within the last five minutes: `reauthenticate` helps.
    NotFresh,
    /// Whose the value is would be known only once the operation has run. Only operations that are to be refused as a whole are refused for this, before they change anything.
    OwnerUnknown,
}

impl From<Missing> for AccessReason {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::SignIn => Self::NotSignedIn,
            Missing::Ownership => Self::NotOwner,
            Missing::Role(_) => Self::MissingRole,
            Missing::Permission(_) => Self::MissingPermission,
            Missing::Session => Self::NoSession,
            Missing::Freshness => Self::NotFresh,
        }
    }
}
