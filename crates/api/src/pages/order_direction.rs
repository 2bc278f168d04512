//! `OrderDirection`: up or down.

use async_graphql::Enum;

/// Which end of an order a list begins at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum OrderDirection {
    /// The smallest or earliest first.
    #[default]
    Asc,
    /// The greatest or latest first.
    Desc,
}
