//! `UserOrder`: the order of users.

use async_graphql::InputObject;
use fieldguard_domain::user_list::{self, UserSort};

use crate::{pages::order_direction::OrderDirection, users::user_order_field::UserOrderField};

/// The order of users.
#[derive(InputObject)]
pub struct UserOrder {
    /// The field to sort by.
    field: UserOrderField,
    /// The direction.
    #[graphql(default)]
    direction: OrderDirection,
}

impl From<UserOrder> for user_list::UserOrder {
    fn from(order: UserOrder) -> Self {
        let by = match order.field {
            UserOrderField::CreatedAt => UserSort::CreatedAt,
            UserOrderField::Username => UserSort::Username,
            UserOrderField::LastSignInAt => UserSort::LastSignInAt,
        };
        Self { by, descending: order.direction == OrderDirection::Desc }
    }
}
