//! The arguments that say which accounts are listed, `filter` and `orderBy`, and the listing they ask for. Not a type of the
//! schema.

use async_graphql::Context;

use super::{user_filter::UserFilter, user_order::UserOrder};
use crate::{
    domain::{self, user_list::UserListing},
    graphql::error::ApiError,
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
    /// The personal fields that the filter tells of.
    pub filtered_by: Vec<&'static str>,
    /// The personal field that the order tells of.
    pub ordered_by: Option<&'static str>,
}

impl UserListingArguments {
    /// The listing that is asked for, once the caller may read all that it tells of. Nothing is looked up.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` or `FORBIDDEN`, naming the argument and the field it tells of. `BAD_USER_INPUT` for a text that is too
    /// short to be searched for.
    pub fn listing(self, ctx: &Context<'_>) -> Result<AskedListing, ApiError> {
        let filter = self.filter.unwrap_or_default();
        let filtered_by = filter.check(ctx)?;
        let ordered_by = self.order_by.as_ref().map(|it| it.check(ctx)).transpose()?.flatten();
        let order = self.order_by.map_or_else(domain::user_list::UserOrder::default, Into::into);
        Ok(AskedListing { listing: UserListing::new(filter.canonical()?, order), filtered_by, ordered_by })
    }
}
