//! The arguments that say which users are listed, `filter` and `orderBy`, and the listing they ask for. Not a type of the
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
    /// Which users.
    pub filter: Option<UserFilter>,
    /// The order.
    pub order_by: Option<UserOrder>,
}

/// What is asked for, and what it exposes about the users who are found.
pub struct AskedListing {
    /// Which users, in which order.
    pub listing: UserListing,
    /// The personal fields that the filter exposes.
    pub filtered_by: Vec<String>,
    /// The personal field that the order exposes.
    pub ordered_by: Option<String>,
}

impl UserListingArguments {
    /// The list that is asked for. Nothing is looked up.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a `search` that is too short.
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
