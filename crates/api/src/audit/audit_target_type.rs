//! `AuditTargetType`: what kind of thing something was done on.

use async_graphql::Enum;
use fieldguard_domain::audit;

/// What kind of thing something was done on.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::TargetKind")]
pub enum AuditTargetType {
    /// An account.
    Account,
    /// A session.
    Session,
    /// A role.
    Role,
    /// A personal access token.
    AccessToken,
    /// A key that signs access tokens; its id is its `kid`.
    Key,
    /// What the caller of a refused change addressed, whatever it is.
    Unknown,
}
