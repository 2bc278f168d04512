//! `OrderDirection`: the direction of an order.

use async_graphql::Enum;

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum OrderDirection {
    /// Smallest or earliest first.
    #[default]
    Asc,
    /// Largest or latest first.
    Desc,
}
