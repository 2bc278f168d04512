//! `SecurityEventConnection`: part of the list of security events of an account, in Relay's form.

use async_graphql::{Context, Object};
use fieldguard_guard::{guarded, resolution::Objects};

use super::{page_info::PageInfo, security_event::SecurityEvent, security_event_edge::SecurityEventEdge};
use crate::{
    domain::{page::Page, security_event},
    graphql::services::accounts,
};

/// Part of the list of security events of an account, the newest first.
pub struct SecurityEventConnection(Page<security_event::SecurityEvent>);

impl SecurityEventConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "securityEvents";

    /// The connection that shows this page.
    #[must_use]
    pub fn new(page: Page<security_event::SecurityEvent>) -> Self {
        Self(page)
    }
}

fn cursor(ctx: &Context<'_>, item: &security_event::SecurityEvent) -> String {
    accounts(ctx).cursor(SecurityEventConnection::LIST, item.id.uuid())
}

/// Part of the list of security events of an account, the newest first.
#[guarded(public)]
#[Object]
impl SecurityEventConnection {
    /// The security events of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Objects<SecurityEventEdge> {
        let edge = |item: &security_event::SecurityEvent| SecurityEventEdge {
            cursor: cursor(ctx, item),
            node: SecurityEvent::from(item.clone()),
        };
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
