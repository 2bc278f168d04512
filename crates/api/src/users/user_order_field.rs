//! `UserOrderField`: what users can be sorted by.

use async_graphql::Enum;
use fieldguard_guard::exposes::Exposes;

/// A field to sort users by. Users with equal values are sorted by `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserOrderField {
    /// When the user was created, as in `User.createdAt`.
    #[graphql(directive = Exposes::apply(&["User.createdAt"]))]
    CreatedAt,
    /// The username, ignoring case, by Unicode code points.
    #[graphql(directive = Exposes::apply(&["User.username"]))]
    Username,
    /// When the user last signed in, as in `User.lastSignInAt`. Users who have never signed in come first in ascending order and last in descending order.
    #[graphql(directive = Exposes::apply(&["User.lastSignInAt"]))]
    LastSignInAt,
}
