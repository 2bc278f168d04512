//! Which accounts a list has: those that meet everything that is said.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::{
    email::EmailAddress,
    invalid::{Invalid, Reason},
    role::RoleName,
    user::UserState,
    username::canonical,
};

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
    /// When its holder last signed in, [`NEVER`](super::NEVER) included.
    pub last_sign_in_at: Millis,
    /// Beside what `last_sign_in_at` says: those who never signed in.
    pub or_never: bool,
    /// Part of the canonical form of the name, or of the key of the email address. At least [`MIN_SEARCHED`] characters.
    pub search: Option<String>,
}

/// The fewest characters that can be searched for: the index has the accounts by three characters in a row.
pub const MIN_SEARCHED: usize = 3;

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

    /// The same, of the accounts with `typed` anywhere in the name or the email address, in any spelling; nothing where no
    /// account can have it. The empty text is part of every name.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on `filter.search` for fewer characters than [`MIN_SEARCHED`].
    pub fn search(self, typed: &str) -> Result<Option<Self>, Invalid> {
        if typed.trim().is_empty() {
            return Ok(Some(self));
        }
        // Of a whole address the domain has one spelling only.
        let term = EmailAddress::parse(typed).map_or_else(|_| canonical(typed), |email| email.key().to_owned());
        if term.is_empty() {
            return Ok(None);
        }
        if term.chars().count() < MIN_SEARCHED {
            let message =
                format!("`search` must have at least {MIN_SEARCHED} characters. `usernamePrefix` takes fewer.");
            return Err(Invalid::new("filter.search", Reason::TooShort, message));
        }
        Ok(Some(Self { search: Some(term), ..self }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_list::NEVER;

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
    fn a_searched_text_is_canonical_and_three_characters_long() {
        let term = |typed: &str| UserFilter::default().search(typed).map(|it| it.map(|it| it.search));
        assert_eq!(term(" ＡＤＡ "), Ok(Some(Some("ada".to_owned()))));
        assert_eq!(term("@Example"), Ok(Some(Some("@example".to_owned()))));
        assert_eq!(term("ZOË@Bücher.example"), Ok(Some(Some("zoë@xn--bcher-kva.example".to_owned()))));
        assert_eq!(term("漢字漢"), Ok(Some(Some("漢字漢".to_owned()))));
        assert_eq!(term("ß.a"), Ok(Some(Some("ss.a".to_owned()))));
        assert_eq!(term(" "), Ok(Some(None)));
        for nothing in ["ada\0", &"a".repeat(1_000_000)] {
            assert_eq!(term(nothing), Ok(None));
        }
        for short in ["a", " ab ", "漢字"] {
            assert_eq!(term(short).unwrap_err().field, "filter.search", "{short}");
        }
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
}
