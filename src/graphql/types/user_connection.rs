//! `UserConnection`: part of the list of accounts, in Relay's form.

use async_graphql::{Context, Object};

use super::{page_info::PageInfo, user_edge::UserEdge};
use crate::{
    domain::{self, page::Page, user_list::UserListing},
    graphql::{error::ApiError, services::accounts},
    guarded,
};

/// Part of a list of accounts.
pub struct UserConnection {
    listing: UserListing,
    /// The listing's name, under which its cursors are sealed.
    name: String,
    page: Page<domain::user::User>,
}

impl UserConnection {
    /// The connection that shows this page of that listing.
    #[must_use]
    pub fn new(listing: UserListing, page: Page<domain::user::User>) -> Self {
        Self { name: listing.name(), listing, page }
    }

    fn cursor(&self, ctx: &Context<'_>, user: &domain::user::User) -> String {
        accounts(ctx).user_cursor(&self.name, &self.listing.position(user))
    }
}

/// Part of the list of accounts.
#[guarded(public)]
#[Object]
impl UserConnection {
    /// The accounts of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Vec<UserEdge> {
        let edge = |user: &domain::user::User| UserEdge { cursor: self.cursor(ctx, user), node: user.clone().into() };
        self.page.items.iter().map(edge).collect()
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        let cursor = |user: &domain::user::User| self.cursor(ctx, user);
        PageInfo {
            has_next: self.page.has_next,
            has_previous: self.page.has_previous,
            start: self.page.items.first().map(cursor),
            end: self.page.items.last().map(cursor),
        }
    }

    /// How many accounts the whole list has: all that meet the filter, on whichever page. Counting them takes longer the more there are: ask once, not on every page.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        Ok(accounts(ctx).user_total(self.listing.filter.as_ref()).await?)
    }
}
