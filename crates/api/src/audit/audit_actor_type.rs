//! `AuditActorType`: who acted.

use async_graphql::Enum;
use fieldguard_domain::audit;

/// The type of an actor.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::ActorKind")]
pub enum AuditActorType {
    /// A caller who was not signed in.
    Anonymous,
    /// A user.
    User,
    /// An operator, through the command line or the configuration.
    Operator,
    /// The server itself.
    Server,
}
