//! `UserConnection`: part of the list of accounts, in Relay's form.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{page_info::PageInfo, user_edge::UserEdge};
use crate::{
    domain::{self, page::Page, user_list::UserListing},
    graphql::{error::ApiError, resolution::Objects, services::accounts},
    guarded,
};

/// Part of a list of accounts.
pub struct UserConnection {
    list: Arc<List>,
    page: Page<Arc<domain::user::User>>,
}

/// The list that a page is of.
pub(super) struct List {
    listing: UserListing,
    /// The listing's name, under which its cursors are sealed.
    name: String,
}

impl List {
    /// The place of that account in the list.
    pub(super) fn cursor(&self, ctx: &Context<'_>, user: &domain::user::User) -> String {
        accounts(ctx).user_cursor(&self.name, &self.listing.position(user))
    }
}

impl UserConnection {
    /// The connection that shows this page of that listing.
    #[must_use]
    pub fn new(listing: UserListing, page: Page<domain::user::User>) -> Self {
        Self { list: Arc::new(List { name: listing.name(), listing }), page: page.map(Arc::new) }
    }
}

/// Part of the list of accounts.
#[guarded(public)]
#[Object]
impl UserConnection {
    /// The accounts of this page, each with its cursor.
    async fn edges(&self) -> Objects<UserEdge> {
        let edge = |user: &Arc<domain::user::User>| UserEdge { list: self.list.clone(), node: user.clone().into() };
        Objects(self.page.items.iter().map(edge).collect())
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        let cursor = |user: &Arc<domain::user::User>| self.list.cursor(ctx, user);
        PageInfo {
            has_next: self.page.has_next,
            has_previous: self.page.has_previous,
            start: self.page.items.first().map(cursor),
            end: self.page.items.last().map(cursor),
        }
    }

    /// How many accounts the whole list has: all that meet the filter, on whichever page. Counting them takes longer the more there are: ask once, not on every page.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        Ok(accounts(ctx).user_total(self.list.listing.filter.as_ref()).await?)
    }
}
