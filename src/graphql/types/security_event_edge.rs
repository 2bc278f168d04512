//! `SecurityEventEdge`: a security event with its place in the list.

use async_graphql::Object;
use fieldguard_guard::{guarded, resolution::One};

use super::security_event::SecurityEvent;

/// A security event with its place in the list.
pub struct SecurityEventEdge {
    pub(super) cursor: String,
    pub(super) node: SecurityEvent,
}

/// A security event with its place in the list.
#[guarded(public)]
#[Object]
impl SecurityEventEdge {
    /// The place in the list, for `after` and `before`. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What stands at that place.
    async fn node(&self) -> One<&SecurityEvent> {
        One(&self.node)
    }
}
