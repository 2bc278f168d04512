//! The list of accounts: which of them, in which order, and where in it one stands. How it is found is the store's affair, and
//! who may ask for what a matter of the schema's rules.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    email::EmailAddress,
    role::RoleName,
    user::{User, UserState},
    username::canonical,
};

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

/// Which accounts are listed: those that meet everything that is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFilter {
    /// The canonical form of the name begins so. Not empty.
    pub username_prefix: Option<String>,
    /// The key of the email address.
    pub email: Option<String>,
    /// A role the account was given.
    pub role: Option<RoleName>,
    /// Whether the account can sign in.
    pub state: Option<UserState>,
    /// When it was made.
    pub created_at: Millis,
    /// When its holder last signed in, [`NEVER`] included.
    pub last_sign_in_at: Millis,
    /// Beside what `last_sign_in_at` says: those who never signed in.
    pub or_never: bool,
}

/// A range of times, in unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Millis {
    /// The first that is in it.
    pub from: Option<i64>,
    /// The first that is not in it any more.
    pub until: Option<i64>,
}

impl Millis {
    /// The whole milliseconds at or after `from` and before `until`.
    #[must_use]
    pub fn between(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        Self { from: from.map(ceiling), until: until.map(ceiling) }
    }

    /// Does it leave anything out?
    #[must_use]
    pub const fn is_bounded(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }
}

fn ceiling(time: DateTime<Utc>) -> i64 {
    let whole = time.trunc_subsecs(3);
    whole.timestamp_millis() + i64::from(time - whole > TimeDelta::zero())
}

impl UserFilter {
    /// The same, of accounts whose names begin with `typed` in any spelling; nothing where no name can. The empty text begins
    /// every name.
    #[must_use]
    pub fn username_prefix(self, typed: &str) -> Option<Self> {
        if typed.trim().is_empty() {
            return Some(self);
        }
        let prefix = Some(canonical(typed)).filter(|it| !it.is_empty())?;
        Some(Self { username_prefix: Some(prefix), ..self })
    }

    /// The same, of the account with the address `typed` in any spelling; nothing where this is no address.
    #[must_use]
    pub fn email(self, typed: &str) -> Option<Self> {
        let email = EmailAddress::parse(typed).ok()?;
        Some(Self { email: Some(email.key().to_owned()), ..self })
    }

    /// The same, of the accounts that were given the role of that name; nothing where no role can be called so.
    #[must_use]
    pub fn role(self, name: &str) -> Option<Self> {
        Some(Self { role: Some(RoleName::parse(name).ok()?), ..self })
    }

    /// The same, of the accounts whose holders last signed in in that range. Those who never did are left out, unless `never`
    /// says otherwise: `true` adds them, or asks for them alone where there is no range.
    #[must_use]
    pub fn last_sign_in(self, range: Millis, never: Option<bool>) -> Self {
        let first = Some(range.from.map_or(0, |it| it.max(0)));
        let (last_sign_in_at, or_never) = match (never, range.is_bounded()) {
            (None, false) => (Millis::default(), false),
            (None | Some(false), _) => (Millis { from: first, until: range.until }, false),
            (Some(true), false) => (Millis { from: None, until: Some(0) }, false),
            (Some(true), true) if range.from.is_none() => {
                (Millis { from: None, until: range.until.map(|it| it.max(0)) }, false)
            }
            (Some(true), true) => (Millis { from: first, until: range.until }, true),
        };
        Self { last_sign_in_at, or_never, ..self }
    }
}

/// The first text, by code point, that is greater than all that begin with `prefix`; nothing where there is none.
#[must_use]
pub fn after_prefix(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // The surrogates are no characters: `next` goes on behind them.
        if let Some(next) = (last..=char::MAX).nth(1) {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
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
    fn a_prefix_ends_before_the_next_text() {
        for (prefix, next) in [
            ("a", Some("b")),
            ("az", Some("a{")),
            ("a\u{10ffff}", Some("b")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("é", Some("ê")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(after_prefix(prefix).as_deref(), next, "{prefix:?}");
        }
    }

    #[test]
    fn a_prefix_is_canonical_or_no_names() {
        let key = |typed: &str| UserFilter::default().username_prefix(typed).map(|it| it.username_prefix);
        assert_eq!(key("ＡＤ"), Some(Some("ad".to_owned())));
        assert_eq!(key(" "), Some(None));
        assert_eq!(key(""), Some(None));
        assert_eq!(key("a\0"), None);
        assert_eq!(key(&"a".repeat(1_000_000)), None);
    }

    #[test]
    fn parts_of_milliseconds_count_upward() {
        let at = |text: &str| Some(text.parse().unwrap());
        let range = Millis::between(at("1970-01-01T00:00:00.0010001Z"), at("1970-01-01T00:00:00.002Z"));
        assert_eq!(range, Millis { from: Some(2), until: Some(2) });
        let early = Millis::between(at("1969-12-31T23:59:59.9985Z"), None);
        assert_eq!(early.from, Some(-1));
    }

    #[test]
    fn who_never_signed_in_is_found_only_where_that_is_asked_for() {
        let found = |from, until, never| {
            let filter = UserFilter::default().last_sign_in(Millis { from, until }, never);
            let range = filter.last_sign_in_at;
            let is_in = |time: i64| {
                range.from.is_none_or(|it| it <= time) && range.until.is_none_or(|it| time < it)
                    || (filter.or_never && time == NEVER)
            };
            [NEVER, 0, 5, 9].into_iter().filter(|it| is_in(*it)).collect::<Vec<_>>()
        };
        for (from, until, never, expected) in [
            (None, None, None, &[NEVER, 0, 5, 9][..]),
            (None, None, Some(false), &[0, 5, 9]),
            (None, None, Some(true), &[NEVER]),
            (Some(5), None, None, &[5, 9]),
            (Some(-7), Some(6), None, &[0, 5]),
            (Some(5), Some(9), Some(false), &[5]),
            (Some(5), Some(9), Some(true), &[NEVER, 5]),
            (None, Some(5), Some(true), &[NEVER, 0]),
            (None, Some(-5), Some(true), &[NEVER]),
            (None, Some(-5), None, &[]),
            (Some(5), None, Some(true), &[NEVER, 5, 9]),
        ] {
            assert_eq!(found(from, until, never), expected, "{from:?} {until:?} {never:?}");
        }
    }

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
