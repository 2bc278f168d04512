//! `UserOrder`: in which order accounts are listed.

use async_graphql::{Context, InputObject};

use super::{order_direction::OrderDirection, user_order_field::UserOrderField};
use crate::{
    domain::user_list::{self, UserSort},
    graphql::{error::ApiError, guard, telling},
};

/// In which order accounts are listed.
#[derive(InputObject)]
pub struct UserOrder {
    /// By what.
    field: UserOrderField,
    /// From which end.
    #[graphql(default)]
    direction: OrderDirection,
}

impl UserOrder {
    /// Holds it to the rule of the field whose values it tells the order of. Answers that field, where it is personal.
    ///
    /// # Errors
    ///
    /// As [`guard::argument`].
    pub fn check(&self, ctx: &Context<'_>) -> Result<Option<&'static str>, ApiError> {
        let field = match self.field {
            UserOrderField::CreatedAt => "createdAt",
            UserOrderField::Username => "username",
            UserOrderField::LastSignInAt => "lastSignInAt",
        };
        Ok(guard::argument(ctx, "orderBy", telling::OF, field)?.then_some(field))
    }
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
