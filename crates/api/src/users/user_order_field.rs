//! `UserOrderField`: what accounts can be ordered by.

use async_graphql::Enum;
use fieldguard_guard::exposes::Exposes;

/// What accounts can be ordered by. Accounts with the same value follow each other by `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserOrderField {
    /// When the account was made, as `User.createdAt` tells it.
    #[graphql(directive = Exposes::apply(&["User.createdAt"]))]
    CreatedAt,
    /// The user name, whatever its case, letter by letter as Unicode numbers them.
    #[graphql(directive = Exposes::apply(&["User.username"]))]
    Username,
    /// When the owner last signed in, as `User.lastSignInAt` tells it. Those who never signed in come before all others, after them where the order is descending.
    #[graphql(directive = Exposes::apply(&["User.lastSignInAt"]))]
    LastSignInAt,
}
