//! `SessionConnection`: part of the list of live sessions of an account, in Relay's form.

use async_graphql::{Context, Object};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
    resolution::Objects,
};

use super::{page_info::PageInfo, session::Session, session_edge::SessionEdge};
use crate::{
    domain::{page::Page, session},
    graphql::services::accounts,
};

/// Part of the list of live sessions of an account, the newest first.
pub struct SessionConnection {
    page: Page<session::Session>,
    handed_to_owner: bool,
}

impl SessionConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "sessions";

    /// The connection that shows this page, to the account's owner or to whoever asks.
    #[must_use]
    pub const fn new(page: Page<session::Session>, handed_to_owner: bool) -> Self {
        Self { page, handed_to_owner }
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
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn edges(&self, ctx: &Context<'_>) -> Objects<SessionEdge> {
        let node = |item: &session::Session| Session::new(item.clone(), self.handed_to_owner);
        let edge = |item: &session::Session| SessionEdge { cursor: cursor(ctx, item), node: node(item) };
        Objects(self.page.items.iter().map(edge).collect())
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        PageInfo {
            has_next: self.page.has_next,
            has_previous: self.page.has_previous,
            start: self.page.items.first().map(|it| cursor(ctx, it)),
            end: self.page.items.last().map(|it| cursor(ctx, it)),
        }
    }
}
