//! Personal access tokens: what scripts act by in the place of a person. What one looks like is a matter of
//! `fieldguard_auth::personal_token`; what it may do, of [`super::principal::Principal::by_token`].

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    id::{AccessTokenId, UserId},
    invalid::{Invalid, Reason},
    permission::Catalogue,
};

/// How long a token is good where nobody says.
pub const DEFAULT_LIFETIME: TimeDelta = TimeDelta::days(90);
/// How long a token is good at the most: a year, a leap day included.
pub const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(366);
/// How many tokens an account has at the most that have not expired.
pub const MOST: u64 = 50;
/// The characters of a name.
const NAME_CHARACTERS: usize = 60;

/// A personal access token, without what proves that one holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Names it.
    pub id: AccessTokenId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it may do, by name and sorted, as far as its owner may do it himself.
    pub permissions: BTreeSet<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The address it was used from then, where one is known.
    pub last_used_address: Option<String>,
}

/// The name of a token: 1 to 60 characters that can be seen, spaces between them.
///
/// # Errors
///
/// [`Invalid`] on the field `name`.
pub fn name(text: &str) -> Result<String, Invalid> {
    let name = text.trim();
    let reason = match name.chars().count() {
        0 => Reason::TooShort,
        1..=NAME_CHARACTERS if name.chars().any(is_invisible) => Reason::InvalidCharacter,
        1..=NAME_CHARACTERS => return Ok(name.to_owned()),
        _ => Reason::TooLong,
    };
    let message = format!("A token is named with 1 to {NAME_CHARACTERS} characters, none of them a control character.");
    Err(Invalid::new("name", reason, message))
}

/// Control characters, and those that turn the direction of what follows or break a line: a name is read in lists.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The permissions asked for, each once, where its maker `held` all of them.
///
/// # Errors
///
/// [`Invalid`] on the field `permissions` for a name that `catalogue` does not know, or one the maker lacks.
pub fn permissions(
    asked: &[String],
    held: &BTreeSet<String>,
    catalogue: &Catalogue,
) -> Result<BTreeSet<String>, Invalid> {
    if asked.iter().any(|it| catalogue.find(it).is_none()) {
        return Err(Invalid::new("permissions", Reason::Unknown, "One of these is no permission of this server."));
    }
    if asked.iter().any(|it| !held.contains(it)) {
        let reason = "A token has no permission that its maker lacks: `me { permissions }` lists yours.";
        return Err(Invalid::new("permissions", Reason::NotHeld, reason));
    }
    Ok(asked.iter().cloned().collect())
}

/// When a token made at `now` ends.
///
/// # Errors
///
/// [`Invalid`] on the field `expiresAt` for a time that is past or too far ahead.
pub fn expiry(asked: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Invalid> {
    let at = asked.unwrap_or(now + DEFAULT_LIFETIME);
    if now < at && at <= now + LONGEST_LIFETIME {
        return Ok(at);
    }
    let days = LONGEST_LIFETIME.num_days();
    Err(Invalid::new("expiresAt", Reason::OutOfRange, format!("A token ends in the future, within {days} days.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_named_with_what_can_be_seen() {
        for good in ["a", "CI of the shop", "日本 ✓", &"x".repeat(60), &"ß".repeat(60)] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        assert_eq!(name("  nightly build ").as_deref(), Ok("nightly build"));
        for bad in ["", "   ", "a\nb", "a\u{0}", "a\u{7f}b", "a\u{202e}b", "a\u{200b}b", &"x".repeat(61)] {
            assert_eq!(name(bad).unwrap_err().field, "name", "{bad:?}");
        }
    }

    #[test]
    fn has_what_its_maker_has_and_no_more() {
        let (catalogue, held) =
            (crate::permission::builtin(), BTreeSet::from(["users:read".to_owned(), "old:one".to_owned()]));
        let asked = |names: &[&str]| {
            permissions(&names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>(), &held, &catalogue)
        };
        assert_eq!(asked(&[]), Ok(BTreeSet::new()));
        assert_eq!(asked(&["users:read", "users:read"]).unwrap().len(), 1);
        for bad in [&["roles:read"][..], &["users:read", "roles:read"], &["nonsense"], &["old:one"], &["USERS:READ"]] {
            assert_eq!(asked(bad).unwrap_err().field, "permissions", "{bad:?}");
        }
    }

    #[test]
    fn ends_within_a_year() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(expiry(None, now), Ok(now + TimeDelta::days(90)));
        let (soon, late) = (now + TimeDelta::milliseconds(1), now + LONGEST_LIFETIME);
        assert_eq!((expiry(Some(soon), now), expiry(Some(late), now)), (Ok(soon), Ok(late)));
        for bad in
            [now, now - soon.signed_duration_since(now), late + TimeDelta::milliseconds(1), DateTime::<Utc>::MAX_UTC]
        {
            assert_eq!(expiry(Some(bad), now).unwrap_err().field, "expiresAt", "{bad}");
        }
    }
}
