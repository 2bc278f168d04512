//! `UserConnection`: part of the list of accounts, in Relay's form.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::{page_info::PageInfo, user_edge::UserEdge};
use crate::{
    domain::{self, page::Page},
    graphql::{error::ApiError, services::accounts},
    guarded,
};

/// Part of the list of accounts.
pub struct UserConnection(Page<domain::user::User>);

impl UserConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "users";

    /// The connection that shows this page.
    #[must_use]
    pub fn new(page: Page<domain::user::User>) -> Self {
        Self(page)
    }

    fn cursor(ctx: &Context<'_>, id: Uuid) -> String {
        accounts(ctx).cursor(Self::LIST, id)
    }
}

/// Part of the list of accounts.
#[guarded(public)]
#[Object]
impl UserConnection {
    /// The accounts of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Vec<UserEdge> {
        let edge = |user: &domain::user::User| UserEdge {
            cursor: Self::cursor(ctx, user.id.uuid()),
            node: user.clone().into(),
        };
        self.0.items.iter().map(edge).collect()
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        let cursor = |user: &domain::user::User| Self::cursor(ctx, user.id.uuid());
        PageInfo {
            has_next: self.0.has_next,
            has_previous: self.0.has_previous,
            start: self.0.items.first().map(cursor),
            end: self.0.items.last().map(cursor),
        }
    }

    /// How many accounts the whole list has. Counting them takes longer the more there are: ask once, not on every page.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        Ok(accounts(ctx).user_total().await?)
    }
}
