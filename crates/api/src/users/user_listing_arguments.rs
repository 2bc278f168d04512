//! The arguments that say which accounts are listed, `filter` and `orderBy`, and the listing they ask for. Not a type of the
//! schema.

use async_graphql::Context;
use fieldguard_domain as domain;
use fieldguard_domain::user_list::UserListing;
use fieldguard_guard::exposes::{Exposed, exposed};

use crate::{
    error::ApiError,
    users::{user_filter::UserFilter, user_order::UserOrder},
};

/// What the client sent.
pub struct UserListingArguments {
    /// Which accounts.
    pub filter: Option<UserFilter>,
    /// In which order.
    pub order_by: Option<UserOrder>,
}

/// What is asked for, and what it tells of those who are found.
pub struct AskedListing {
    /// Which accounts, in which order.
    pub listing: UserListing,
    /// The personal fields of accounts that the filter tells of.
    pub filtered_by: Vec<String>,
    /// The personal field of accounts that the order tells of.
    pub ordered_by: Option<String>,
}

impl UserListingArguments {
    /// The listing that is asked for, once the caller may read all that it tells of. Nothing is looked up.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` or `FORBIDDEN`, naming the argument and the field it tells of. `BAD_USER_INPUT` for a text that is too
    /// short to be searched for.
    pub fn listing(self, ctx: &Context<'_>) -> Result<AskedListing, ApiError> {
        let exposed = exposed(ctx).into_iter().filter(|exposed| exposed.is_personal);
        let (by_filter, by_order): (Vec<_>, Vec<_>) =
            exposed.partition(|exposed| exposed.argument.starts_with("filter."));
        let field = |exposed: Exposed| exposed.coordinate.strip_prefix("User.").map(str::to_owned);
        let (filtered_by, ordered_by) =
            (by_filter.into_iter().filter_map(field).collect(), by_order.into_iter().find_map(field));
        let filter = self.filter.unwrap_or_default();
        let order = self.order_by.map_or_else(domain::user_list::UserOrder::default, Into::into);
        Ok(AskedListing { listing: UserListing::new(filter.canonical()?, order), filtered_by, ordered_by })
    }
}
