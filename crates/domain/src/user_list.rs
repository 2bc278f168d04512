//! The list of accounts: which of them, in which order, and where in it one stands. How it is found is the store's affair, and
//! who may ask for what a matter of the schema's rules.

mod filter;

use uuid::Uuid;

pub use self::filter::{MIN_SEARCHED, Millis, UserFilter, after_prefix};
use super::user::User;

/// What stands for the time of the last sign-in where there was none: before every time there can be.
pub const NEVER: i64 = -1;

/// Which accounts are listed, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserListing {
    /// Which accounts; nothing where none could be meant.
    pub filter: Option<UserFilter>,
    /// In which order.
    pub order: UserOrder,
}

/// All accounts, in the order of their identifiers.
impl Default for UserListing {
    fn default() -> Self {
        Self { filter: Some(UserFilter::default()), order: UserOrder::default() }
    }
}

/// In which order accounts are listed. Those with the same value follow each other by identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserOrder {
    /// By what.
    pub by: UserSort,
    /// From the last to the first?
    pub descending: bool,
}

/// By what accounts are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserSort {
    /// Their identifiers, which follow their making and can be read by whoever reads the list.
    #[default]
    Id,
    /// When they were made.
    CreatedAt,
    /// The canonical form of their names, by code point.
    Username,
    /// When their holders last signed in; those who never did come before all others.
    LastSignInAt,
}

/// A place in the list of accounts: between what comes before it and what comes after it, whether its account is still there
/// or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserPosition {
    /// In the order of identifiers.
    Id(Uuid),
    /// In an order of times: the time in unix milliseconds or [`NEVER`], and the identifier.
    Time(i64, Uuid),
    /// In the order of names: the canonical form, which only one account has.
    Name(String),
}

impl UserListing {
    /// The accounts that meet the filter, in that order.
    ///
    /// Identifiers follow the making of accounts. Where a range of that is given, the order is by it: then the range is a part of
    /// the list, and not spread over it.
    #[must_use]
    pub fn new(filter: Option<UserFilter>, order: UserOrder) -> Self {
        let in_range = filter.as_ref().is_some_and(|it| it.created_at.is_bounded());
        let by = if order.by == UserSort::Id && in_range { UserSort::CreatedAt } else { order.by };
        Self { filter, order: UserOrder { by, ..order } }
    }

    /// What the listing is called, so that no other takes its cursors: two of one name list the same in the same order.
    #[must_use]
    pub fn name(&self) -> String {
        if *self == Self::default() { "users".to_owned() } else { format!("users {self:?}") }
    }

    /// Where the account stands.
    #[must_use]
    pub fn position(&self, user: &User) -> UserPosition {
        let id = user.id.uuid();
        match self.order.by {
            UserSort::Id => UserPosition::Id(id),
            UserSort::CreatedAt => UserPosition::Time(user.created_at.timestamp_millis(), id),
            UserSort::LastSignInAt => {
                UserPosition::Time(user.last_sign_in_at.map_or(NEVER, |it| it.timestamp_millis()), id)
            }
            UserSort::Username => UserPosition::Name(user.username.key().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_have_names_of_their_own() {
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
