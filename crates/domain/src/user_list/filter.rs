//! The filter of a list of users.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::{
    email::EmailAddress,
    invalid::{Invalid, Reason},
    role::RoleName,
    user::UserState,
    username::canonical,
};

/// A filter: a user must match every given condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFilter {
    /// A prefix of the canonical username. Not empty.
    pub username_prefix: Option<String>,
    /// The key of the email address.
    pub email: Option<String>,
    /// The name of a role that is assigned to the user.
    pub role: Option<RoleName>,
    /// The state of the account.
    pub state: Option<UserState>,
    /// The range of the creation time.
    pub created_at: Millis,
    /// The range of the last sign-in, [`NEVER`](super::NEVER) included.
    pub last_sign_in_at: Millis,
    /// Whether users who never signed in match besides `last_sign_in_at`.
    pub or_never: bool,
    /// A part of the canonical username or of the key of the email address. At least [`MIN_SEARCHED`] characters.
    pub search: Option<String>,
}

/// The minimum length of a search, in characters: the index consists of trigrams.
pub const MIN_SEARCHED: usize = 3;

/// A range of times, in Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Millis {
    /// The first time in the range.
    pub from: Option<i64>,
    /// The first time after the range.
    pub until: Option<i64>,
}

impl Millis {
    /// The whole milliseconds at or after `from` and before `until`.
    #[must_use]
    pub fn between(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        Self { from: from.map(ceiling), until: until.map(ceiling) }
    }

    /// Whether the range excludes any time.
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
    /// Adds a condition: the username begins with `typed`, in any spelling. `None` if no username can. An empty text
    /// matches every user.
    #[must_use]
    pub fn username_prefix(self, typed: &str) -> Option<Self> {
        if typed.trim().is_empty() {
            return Some(self);
        }
        let prefix = Some(canonical(typed)).filter(|prefix| !prefix.is_empty())?;
        Some(Self { username_prefix: Some(prefix), ..self })
    }

    /// Adds a condition: the email address is `typed`, in any spelling. `None` if this is not an email address.
    #[must_use]
    pub fn email(self, typed: &str) -> Option<Self> {
        let email = EmailAddress::parse(typed).ok()?;
        Some(Self { email: Some(email.key().to_owned()), ..self })
    }

    /// Adds a condition: the username or email address contains `typed`, in any spelling. `None` if none can. An empty
    /// text matches every user.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on `filter.search` for fewer characters than [`MIN_SEARCHED`].
    pub fn search(self, typed: &str) -> Result<Option<Self>, Invalid> {
        if typed.trim().is_empty() {
            return Ok(Some(self));
        }
        // A whole email address has only one spelling of its domain.
        let term = EmailAddress::parse(typed).map_or_else(|_| canonical(typed), |email| email.key().to_owned());
        if term.is_empty() {
            return Ok(None);
        }
        if term.chars().count() < MIN_SEARCHED {
            let message =
                format!("`search` must have at least {MIN_SEARCHED} characters. Use `usernamePrefix` for fewer.");
            return Err(Invalid::new("filter.search", Reason::TooShort, message));
        }
        Ok(Some(Self { search: Some(term), ..self }))
    }

    /// Adds a condition: the role with this name is assigned to the user. `None` if no role can have the name.
    #[must_use]
    pub fn role(self, name: &str) -> Option<Self> {
        Some(Self { role: Some(RoleName::parse(name).ok()?), ..self })
    }

    /// Adds a condition: the last sign-in is in `range`. Users who never signed in do not match unless `never` is
    /// `true`: then they match too, or alone if there is no range.
    #[must_use]
    pub fn last_sign_in(self, range: Millis, never: Option<bool>) -> Self {
        let first = Some(range.from.map_or(0, |from| from.max(0)));
        let (last_sign_in_at, or_never) = match (never, range.is_bounded()) {
            (None, false) => (Millis::default(), false),
            (None | Some(false), _) => (Millis { from: first, until: range.until }, false),
            (Some(true), false) => (Millis { from: None, until: Some(0) }, false),
            (Some(true), true) if range.from.is_none() => {
                (Millis { from: None, until: range.until.map(|until| until.max(0)) }, false)
            }
            (Some(true), true) => (Millis { from: first, until: range.until }, true),
        };
        Self { last_sign_in_at, or_never, ..self }
    }
}

/// The first text, in code point order, that is greater than all texts with `prefix`. `None` if there is none.
#[must_use]
pub fn after_prefix(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // Surrogates are not characters; the iterator skips them.
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
    fn a_prefix_is_canonical_or_matches_nothing() {
        let key = |typed: &str| UserFilter::default().username_prefix(typed).map(|filter| filter.username_prefix);
        assert_eq!(key("ＡＤ"), Some(Some("ad".to_owned())));
        assert_eq!(key(" "), Some(None));
        assert_eq!(key(""), Some(None));
        assert_eq!(key("a\0"), None);
        assert_eq!(key(&"a".repeat(1_000_000)), None);
    }

    #[test]
    fn a_search_is_canonical_and_has_three_characters() {
        let term = |typed: &str| UserFilter::default().search(typed).map(|filter| filter.map(|filter| filter.search));
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
    fn parts_of_milliseconds_round_up() {
        let at = |text: &str| Some(text.parse().unwrap());
        let range = Millis::between(at("1970-01-01T00:00:00.0010001Z"), at("1970-01-01T00:00:00.002Z"));
        assert_eq!(range, Millis { from: Some(2), until: Some(2) });
        let early = Millis::between(at("1969-12-31T23:59:59.9985Z"), None);
        assert_eq!(early.from, Some(-1));
    }

    #[test]
    fn users_who_never_signed_in_match_only_on_request() {
        let found = |from, until, never| {
            let filter = UserFilter::default().last_sign_in(Millis { from, until }, never);
            let range = filter.last_sign_in_at;
            let is_in = |time: i64| {
                range.from.is_none_or(|from| from <= time) && range.until.is_none_or(|until| time < until)
                    || (filter.or_never && time == NEVER)
            };
            [NEVER, 0, 5, 9].into_iter().filter(|time| is_in(*time)).collect::<Vec<_>>()
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
