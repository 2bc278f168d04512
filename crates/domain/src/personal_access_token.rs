//! Personal access tokens, which scripts use in place of a user's session. `fieldguard_auth::personal_token` defines
//! the token format. [`super::principal::Principal::by_token`] decides what a token permits.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    id::{PersonalAccessTokenId, UserId},
    invalid::{Invalid, Reason},
    permission::Catalogue,
};

/// The lifetime of a token whose request names no expiry.
pub const DEFAULT_LIFETIME: TimeDelta = TimeDelta::days(90);
/// The longest lifetime of a token: a year, a leap day included.
pub const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(366);
/// The maximum number of unexpired tokens of one user.
pub const MOST: u64 = 50;
/// The maximum length of a name, in characters.
const NAME_CHARACTERS: usize = 60;

/// A personal access token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalAccessToken {
    /// The token's identifier, which the audit log names.
    pub id: PersonalAccessTokenId,
    /// The account owner.
    pub user: UserId,
    /// The name the account owner gave the token.
    pub name: String,
    /// The names of the granted permissions, sorted. A permission takes effect only while the account owner holds it
    /// too.
    pub permissions: BTreeSet<String>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time of expiry.
    pub expires_at: DateTime<Utc>,
    /// The time of the last use, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The IP address of the last use, if known.
    pub last_used_address: Option<String>,
}

/// Parses the name of a token: 1 to 60 visible characters, with spaces between them.
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
    let message = format!("The token's name must have 1 to {NAME_CHARACTERS} characters, without control characters.");
    Err(Invalid::new("name", reason, message))
}

/// Whether `c` is a control character, changes the writing direction or breaks a line. Lists show names, so these are
/// refused.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The requested permissions, without duplicates. `held` are the permissions of the caller.
///
/// # Errors
///
/// [`Invalid`] on the field `permissions` for a name that is not in `catalogue` or not in `held`.
pub fn permissions(
    asked: &[String],
    held: &BTreeSet<String>,
    catalogue: &Catalogue,
) -> Result<BTreeSet<String>, Invalid> {
    if asked.iter().any(|name| catalogue.find(name).is_none()) {
        return Err(Invalid::new(
            "permissions",
            Reason::Unknown,
            "`permissions` contains an unknown permission. Correct or remove it.",
        ));
    }
    if asked.iter().any(|name| !held.contains(name)) {
        let reason = "You can't grant permissions you don't have. Query `me` with `permissions` to list yours.";
        return Err(Invalid::new("permissions", Reason::NotHeld, reason));
    }
    Ok(asked.iter().cloned().collect())
}

/// The expiry of a token created at `now`.
///
/// # Errors
///
/// [`Invalid`] on the field `expiresAt` for a time that is past or after [`LONGEST_LIFETIME`].
pub fn expiry(asked: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Invalid> {
    let at = asked.unwrap_or(now + DEFAULT_LIFETIME);
    if now < at && at <= now + LONGEST_LIFETIME {
        return Ok(at);
    }
    let days = LONGEST_LIFETIME.num_days();
    Err(Invalid::new(
        "expiresAt",
        Reason::OutOfRange,
        format!("`expiresAt` must be in the future and within {days} days."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_has_1_to_60_visible_characters() {
        for good in ["a", "CI of the shop", "日本 ✓", &"x".repeat(60), &"ß".repeat(60)] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        assert_eq!(name("  nightly build ").as_deref(), Ok("nightly build"));
        for bad in ["", "   ", "a\nb", "a\u{0}", "a\u{7f}b", "a\u{202e}b", "a\u{200b}b", &"x".repeat(61)] {
            assert_eq!(name(bad).unwrap_err().field, "name", "{bad:?}");
        }
    }

    #[test]
    fn permissions_must_be_known_and_held_by_the_caller() {
        let (catalogue, held) =
            (crate::permission::builtin(), BTreeSet::from(["users:read".to_owned(), "old:one".to_owned()]));
        let asked = |names: &[&str]| {
            permissions(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &held, &catalogue)
        };
        assert_eq!(asked(&[]), Ok(BTreeSet::new()));
        assert_eq!(asked(&["users:read", "users:read"]).unwrap().len(), 1);
        for bad in [&["roles:read"][..], &["users:read", "roles:read"], &["nonsense"], &["old:one"], &["USERS:READ"]] {
            assert_eq!(asked(bad).unwrap_err().field, "permissions", "{bad:?}");
        }
    }

    #[test]
    fn expiry_is_in_the_future_and_within_a_year() {
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
