//! The arguments `first`, `after`, `last` and `before` of connections. Not a schema type: GraphQL can't share arguments.

use async_graphql::Context;
use fieldguard_domain::{
    invalid::Reason,
    page::{Direction, PageRequest},
};
use fieldguard_guard::settings::DEFAULT_PAGE_SIZE;

use crate::{
    error::ApiError,
    services::{accounts, settings},
};

/// The arguments of a connection.
pub struct ConnectionArguments {
    /// The number of items from the start of the range.
    pub first: Option<i32>,
    /// Only items after this cursor.
    pub after: Option<String>,
    /// The number of items from the end of the range.
    pub last: Option<i32>,
    /// Only items before this cursor.
    pub before: Option<String>,
}

impl ConnectionArguments {
    /// The requested page of the list `name`.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a size out of range, both sizes, or a cursor of another list.
    pub fn page(&self, ctx: &Context<'_>, name: &str) -> Result<PageRequest, ApiError> {
        self.page_at(ctx, |cursor| accounts(ctx).position(name, cursor))
    }

    /// The requested page of a list whose cursors `position` decodes; it returns nothing for a cursor of another list.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub fn page_at<P>(
        &self,
        ctx: &Context<'_>,
        position: impl Fn(&str) -> Option<P>,
    ) -> Result<PageRequest<P>, ApiError> {
        let limit = settings(ctx).limits.page_size;
        let (direction, size) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_input("last", Reason::Conflicting, "Use `first` or `last`, not both."));
            }
            (None, Some(last)) => (Direction::Backward, size("last", last, limit)?),
            (Some(first), None) => (Direction::Forward, size("first", first, limit)?),
            (None, None) => (Direction::Forward, u32::try_from(DEFAULT_PAGE_SIZE.min(limit)).unwrap_or(u32::MAX)),
        };
        let at = |argument, cursor: &Option<String>| {
            let message = || format!("`{argument}` is not a cursor of this list.");
            let at = |cursor| {
                position(cursor).ok_or_else(|| ApiError::bad_input(argument, Reason::InvalidCursor, message()))
            };
            cursor.as_deref().map(at).transpose()
        };
        Ok(PageRequest { size, direction, after: at("after", &self.after)?, before: at("before", &self.before)? })
    }
}

fn size(argument: &'static str, asked: i32, limit: usize) -> Result<u32, ApiError> {
    let size = u32::try_from(asked).ok().filter(|size| *size as usize <= limit);
    size.ok_or_else(|| {
        ApiError::bad_input(argument, Reason::OutOfRange, format!("`{argument}` must be between 0 and {limit}."))
    })
}
