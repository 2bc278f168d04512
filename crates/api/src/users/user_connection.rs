//! `UserConnection`: a page of a list of users.

use std::sync::Arc;

use async_graphql::{Context, Object};
use fieldguard_domain as domain;
use fieldguard_domain::{
    page::{Direction, Page, PageRequest},
    user_list::UserListing,
};
use fieldguard_guard::{connection::PageInfo, cost_directives::Cost, guarded};

use crate::{
    error::ApiError,
    reads,
    services::accounts,
    users::{
        user::{RolesOfPage, User},
        user_edge::UserEdge,
        user_listing_arguments::AskedListing,
    },
};

/// Up to how many users a count exposes each of them: as many as a page shows by default.
const FEW: u32 = 100;

/// Records a read of the fields with these coordinates of these users. A filter or an order tells the fields of every user
/// that it finds.
fn note_found<'a>(ctx: &Context<'_>, users: impl IntoIterator<Item = &'a domain::user::User>, coordinates: &[String]) {
    for user in users {
        reads::note_told(ctx, user.id, coordinates);
    }
}

/// A page of a list of users.
pub struct UserConnection {
    list: Arc<List>,
    page: Page<Arc<domain::user::User>>,
    /// The roles of the users, if the operation selects something that needs them.
    roles: Option<RolesOfPage>,
}

/// The list that a page is of.
pub(crate) struct List {
    listing: UserListing,
    /// The name of the list, to which its cursors are bound.
    name: String,
    /// The coordinates of the personal fields that the filter tells of.
    filtered_by: Vec<String>,
}

impl List {
    /// A count of few users exposes of each of them what the filter says, so it counts as a read of that.
    async fn note_counted(&self, ctx: &Context<'_>, total: u64) -> Result<(), ApiError> {
        let few = u32::try_from(total).ok().filter(|it| !self.filtered_by.is_empty() && (1..=FEW).contains(it));
        let Some(size) = few else { return Ok(()) };
        let all = PageRequest { size, direction: Direction::Forward, after: None, before: None };
        note_found(ctx, &accounts(ctx).users(&self.listing, all).await?.items, &self.filtered_by);
        Ok(())
    }

    /// The cursor of that user.
    pub(crate) fn cursor(&self, ctx: &Context<'_>, user: &domain::user::User) -> String {
        accounts(ctx).user_cursor(&self.name, &self.listing.position(user))
    }
}

impl UserConnection {
    /// The connection that shows this page of that listing. Notes that what the listing tells of those on the page is read.
    pub async fn new(ctx: &Context<'_>, asked: AskedListing, page: Page<domain::user::User>) -> Self {
        let AskedListing { listing, filtered_by, ordered_by } = asked;
        let coordinate = |field: String| format!("User.{field}");
        let filtered_by: Vec<_> = filtered_by.into_iter().map(coordinate).collect();
        reads::note_sought(ctx, &filtered_by);
        let told: Vec<_> = filtered_by.iter().cloned().chain(ordered_by.into_iter().map(coordinate)).collect();
        note_found(ctx, &page.items, &told);
        let list = List { name: listing.name(), listing, filtered_by };
        let roles = if selects_roles(ctx) { roles_of(ctx, &page).await } else { None };
        Self { list: Arc::new(list), page: page.map(Arc::new), roles }
    }
}

impl UserConnection {
    fn user(&self, model: &Arc<domain::user::User>) -> User {
        User::of_page(model.clone(), self.roles.as_ref())
    }
}

/// Whether the operation selects fields that need the roles of the users.
fn selects_roles(ctx: &Context<'_>) -> bool {
    let connection = ctx.look_ahead();
    let nodes = [connection.field("nodes"), connection.field("edges").field("node")];
    nodes.iter().any(|node| ["roles", "permissions", "can"].iter().any(|field| node.field(field).exists()))
}

/// The roles of the users of the page: the rows need not wait for them one by one. If the database fails, each row that needs
/// its roles loads them and reports the error.
async fn roles_of(ctx: &Context<'_>, page: &Page<domain::user::User>) -> Option<RolesOfPage> {
    let users: Vec<_> = page.items.iter().map(|user| user.id).collect();
    accounts(ctx).roles_of(&users).await.ok().map(Arc::new)
}

/// A page of a list of users.
#[guarded(public)]
#[Object]
impl UserConnection {
    /// The users of this page and their cursors.
    async fn edges(&self) -> Vec<UserEdge> {
        let edge = |user: &Arc<domain::user::User>| UserEdge { list: self.list.clone(), node: self.user(user) };
        self.page.items.iter().map(edge).collect()
    }

    /// The users of this page.
    async fn nodes(&self) -> Vec<User> {
        self.page.items.iter().map(|user| self.user(user)).collect()
    }

    /// Information about this page.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        // That the list goes on tells the caller that the next user meets the filter.
        note_found(ctx, self.page.beyond.as_deref(), &self.list.filtered_by);
        let cursor = |user: &Arc<domain::user::User>| self.list.cursor(ctx, user);
        PageInfo {
            has_next_page: self.page.has_next,
            has_previous_page: self.page.has_previous,
            start_cursor: self.page.items.first().map(cursor),
            end_cursor: self.page.items.last().map(cursor),
        }
    }

    /// The number of users in the whole list. Counting takes longer the more there are: request it once, not for every page.
    /// Without a filter, from 10,000 users on, it can be 10 seconds old.
    // With a search, the most expensive filter, this leaves little for anything else: counting what a search finds among 20,000
    // users takes 20 ms of processor time.
    #[graphql(directive = Cost::apply(4_700))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, ApiError> {
        let total = accounts(ctx).user_total(self.list.listing.filter.as_ref()).await?;
        self.list.note_counted(ctx, total).await?;
        Ok(total)
    }
}
