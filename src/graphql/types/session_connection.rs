//! `SessionConnection`: part of the list of live sessions of an account, in Relay's form.

use async_graphql::{Context, Object};

use super::{page_info::PageInfo, session::Session, session_edge::SessionEdge};
use crate::{
    domain::{page::Page, session},
    graphql::{resolution::Objects, services::accounts},
    guarded,
};

/// Part of the list of live sessions of an account, the newest first.
pub struct SessionConnection(Page<session::Session>);

impl SessionConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "sessions";

    /// The connection that shows this page.
    #[must_use]
    pub fn new(page: Page<session::Session>) -> Self {
        Self(page)
    }
}

fn cursor(ctx: &Context<'_>, item: &session::Session) -> String {
    accounts(ctx).cursor(SessionConnection::LIST, item.id.uuid())
}

/// Part of the list of live sessions of an account, the newest first.
#[guarded(public)]
#[Object]
impl SessionConnection {
    /// The live sessions of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Objects<SessionEdge> {
        let edge =
            |item: &session::Session| SessionEdge { cursor: cursor(ctx, item), node: Session::from(item.clone()) };
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
