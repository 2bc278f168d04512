//! `UserOrder`: in which order accounts are listed.

use async_graphql::InputObject;
use fieldguard_domain::user_list::{self, UserSort};

use crate::{pages::order_direction::OrderDirection, users::user_order_field::UserOrderField};

/// In which order accounts are listed.
#[derive(InputObject)]
pub struct UserOrder {
    /// By what.
    field: UserOrderField,
    /// From which end.
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
