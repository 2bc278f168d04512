//! `AuditActorType`: what kind of somebody did it.

use async_graphql::Enum;
use fieldguard_domain::audit;

/// What kind of somebody did it.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "audit::ActorKind")]
pub enum AuditActorType {
    /// Somebody who was not signed in.
    Anonymous,
    /// An account.
    Account,
    /// Whoever has the server in hand, by the command line or the settings.
    Operator,
    /// The server by itself.
    Server,
}
