//! `AuditTargetType`: what was acted on.

use async_graphql::Enum;
use fieldguard_domain::audit;

/// The type of an object that was acted on.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::TargetKind")]
pub enum AuditTargetType {
    /// A user.
    User,
    /// A session.
    Session,
    /// A role.
    Role,
    /// A personal access token.
    PersonalAccessToken,
    /// A key that signs access tokens. Its ID is its `kid`.
    Key,
    /// A webhook event.
    WebhookEvent,
    /// The unchecked ID in a refused mutation, of whatever type.
    Unknown,
}
