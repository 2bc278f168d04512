//! `UserOrderField`: what accounts can be ordered by.

use async_graphql::Enum;

/// What accounts can be ordered by. Accounts with the same value follow each other by `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserOrderField {
    /// When the account was made, as `User.createdAt` tells it.
    CreatedAt,
    /// The user name, whatever its case, letter by letter as Unicode numbers them.
    Username,
    /// When the owner last signed in, as `User.lastSignInAt` tells it. Those who never signed in come before all others, after them where the order is descending.
    LastSignInAt,
}
