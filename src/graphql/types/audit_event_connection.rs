//! `AuditEventConnection`: part of the list of rows of the audit trail, in Relay's form.

use async_graphql::{Context, Object};
use fieldguard_guard::{guarded, resolution::Objects};

use super::{audit_event::AuditEvent, audit_event_edge::AuditEventEdge, page_info::PageInfo};
use crate::{
    domain::{audit, page::Page},
    graphql::services::accounts,
};

/// Part of the list of rows of the audit trail, the newest first.
pub struct AuditEventConnection(Page<audit::Event>);

impl AuditEventConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "auditEvents";

    /// The connection that shows this page.
    #[must_use]
    pub fn new(page: Page<audit::Event>) -> Self {
        Self(page)
    }
}

fn cursor(ctx: &Context<'_>, item: &audit::Event) -> String {
    accounts(ctx).cursor(AuditEventConnection::LIST, item.id.uuid())
}

/// Part of the list of rows of the audit trail, the newest first.
#[guarded(public)]
#[Object]
impl AuditEventConnection {
    /// The rows of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Objects<AuditEventEdge> {
        let edge =
            |item: &audit::Event| AuditEventEdge { cursor: cursor(ctx, item), node: AuditEvent::from(item.clone()) };
        Objects(self.0.items.iter().map(edge).collect())
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        PageInfo {
            has_next: self.0.has_next,
            has_previous: self.0.has_previous,
            start: self.0.items.first().map(|it| cursor(ctx, it)),
            end: self.0.items.last().map(|it| cursor(ctx, it)),
        }
    }
}
