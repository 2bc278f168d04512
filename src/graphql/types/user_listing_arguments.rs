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

impl UserListingArguments {
    /// The listing that is asked for, once the caller may read all that it tells of. Nothing is looked up.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` or `FORBIDDEN`, naming the argument and the field it tells of.
    pub fn listing(self, ctx: &Context<'_>) -> Result<UserListing, ApiError> {
        let filter = self.filter.unwrap_or_default();
        filter.check(ctx)?;
        let order = match self.order_by {
            Some(order) => {
                order.check(ctx)?;
                order.into()
            }
            None => domain::user_list::UserOrder::default(),
        };
        Ok(UserListing::new(filter.canonical(), order))
    }
}
