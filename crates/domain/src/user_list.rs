//! The list of users: its filter, its order, and positions in it. The store runs the query. The rules of the schema
//! decide who may use which filter.

mod filter;

use uuid::Uuid;

pub use self::filter::{MIN_SEARCHED, Millis, UserFilter, after_prefix};
use super::user::User;

/// The value that replaces the last sign-in of a user who never signed in. It is before every possible time.
pub const NEVER: i64 = -1;

/// The filter and order of a list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserListing {
    /// The filter. `None` if no user can match.
    pub filter: Option<UserFilter>,
    /// The order.
    pub order: UserOrder,
}

/// All users, in the order of their identifiers.
impl Default for UserListing {
    fn default() -> Self {
        Self { filter: Some(UserFilter::default()), order: UserOrder::default() }
    }
}

/// The order of a list. Users with the same value are ordered by identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserOrder {
    /// The sort key.
    pub by: UserSort,
    /// Whether the order is descending.
    pub descending: bool,
}

/// The sort key of a list of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserSort {
    /// By identifier. Identifiers follow creation, and every caller who can read the list can read them.
    #[default]
    Id,
    /// By time of creation.
    CreatedAt,
    /// By the canonical form of the username, in code point order.
    Username,
    /// By the last sign-in. Users who never signed in come first.
    LastSignInAt,
}

/// A position in the list, between what comes before and after it, even if its user no longer exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserPosition {
    /// In the order of identifiers: the identifier.
    Id(Uuid),
    /// In an order of times: the time in Unix milliseconds or [`NEVER`], and the identifier.
    Time(i64, Uuid),
    /// In the order of usernames: the canonical form, which is unique.
    Name(String),
}

impl UserListing {
    /// The users that match the filter, in this order.
    ///
    /// Identifiers follow the creation of users. With a range of creation times, the order becomes by that time, so
    /// that the range is one contiguous part of the list.
    #[must_use]
    pub fn new(filter: Option<UserFilter>, order: UserOrder) -> Self {
        let in_range = filter.as_ref().is_some_and(|filter| filter.created_at.is_bounded());
        let by = if order.by == UserSort::Id && in_range { UserSort::CreatedAt } else { order.by };
        Self { filter, order: UserOrder { by, ..order } }
    }

    /// The name that binds cursors to this list. Two lists with the same name have the same users in the same order.
    #[must_use]
    pub fn name(&self) -> String {
        if *self == Self::default() { "users".to_owned() } else { format!("users {self:?}") }
    }

    /// The position of the user.
    #[must_use]
    pub fn position(&self, user: &User) -> UserPosition {
        let id = user.id.uuid();
        match self.order.by {
            UserSort::Id => UserPosition::Id(id),
            UserSort::CreatedAt => UserPosition::Time(user.created_at.timestamp_millis(), id),
            UserSort::LastSignInAt => {
                UserPosition::Time(user.last_sign_in_at.map_or(NEVER, |time| time.timestamp_millis()), id)
            }
            UserSort::Username => UserPosition::Name(user.username.key().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_listings_have_different_names() {
        let filter = UserFilter::default();
        let of = |filter: Option<UserFilter>, by, descending| {
            UserListing { filter, order: UserOrder { by, descending } }.name()
        };
        let names = [
            of(Some(filter.clone()), UserSort::Id, false),
            of(Some(filter.clone()), UserSort::Id, true),
            of(Some(filter.clone()), UserSort::CreatedAt, false),
            of(filter.clone().username_prefix("ad"), UserSort::Id, false),
            of(filter.clone().role("ad"), UserSort::Id, false),
            of(None, UserSort::Id, false),
        ];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert_eq!(names[0], "users");
        assert_eq!(of(filter.username_prefix("AD"), UserSort::Id, false), names[3]);
    }
}
