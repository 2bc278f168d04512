//! `AuditEventEdge`: a row of the audit trail with its place in the list.

use async_graphql::Object;
use fieldguard_guard::{guarded, resolution::One};

use super::audit_event::AuditEvent;

/// A row of the audit trail with its place in the list.
pub struct AuditEventEdge {
    pub(super) cursor: String,
    pub(super) node: AuditEvent,
}

/// A row of the audit trail with its place in the list.
#[guarded(public)]
#[Object]
impl AuditEventEdge {
    /// The place in the list, for `after` and `before`. Opaque.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// What stands at that place.
    async fn node(&self) -> One<&AuditEvent> {
        One(&self.node)
    }
}
