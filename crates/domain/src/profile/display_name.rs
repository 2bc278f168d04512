//! Display names: one line of any script, in NFC. They are not unique, so they identify no user.

use unicode_normalization::UnicodeNormalization;

use super::stored_text;
use crate::{
    email::is_invisible,
    invalid::{Invalid, Reason},
    role_description::is_line_break_or_bidi,
};

const FIELD: &str = "displayName";
/// Maximum length, in characters of the NFC form.
const MAX_CHARACTERS: usize = 100;
/// Maximum length of the typed text, in bytes. Longer text is not normalized, which would take time.
const MAX_BYTES: usize = 1_024;

/// The name to show to other users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

stored_text!(DisplayName);

impl DisplayName {
    /// Parses a name as a user types it. Surrounding spaces are removed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `displayName`.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        if typed.len() > MAX_BYTES {
            return Err(length(Reason::TooLong));
        }
        let name: String = typed.nfc().collect();
        if name.chars().any(|c| c.is_control() || is_line_break_or_bidi(c)) {
            let message = "`displayName` must be one line without control characters.";
            return Err(Invalid::new(FIELD, Reason::InvalidCharacter, message));
        }
        if name.chars().all(is_invisible) {
            return Err(length(Reason::TooShort));
        }
        if name.chars().nth(MAX_CHARACTERS).is_some() { Err(length(Reason::TooLong)) } else { Ok(Self(name)) }
    }
}

fn length(reason: Reason) -> Invalid {
    let message = format!("`displayName` must have 1 to {MAX_CHARACTERS} characters. Use null to remove it.");
    Invalid::new(FIELD, reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_is_one_visible_line() {
        for (typed, name) in [
            (" Ada Lovelace ", "Ada Lovelace"),
            ("Zoe\u{308}", "Zoë"),
            ("山田 太郎", "山田 太郎"),
            ("O'Neil 👩\u{200d}🚀", "O'Neil 👩\u{200d}🚀"),
            (&"é".repeat(100), &"é".repeat(100)),
        ] {
            assert_eq!(DisplayName::parse(typed).unwrap().as_str(), name);
        }
        for (typed, reason) in [
            ("", Reason::TooShort),
            (" \u{200b} ", Reason::TooShort),
            (&"x".repeat(101), Reason::TooLong),
            (&"x".repeat(1_025), Reason::TooLong),
            ("a\nb", Reason::InvalidCharacter),
            ("a\0b", Reason::InvalidCharacter),
            ("a\u{202e}b", Reason::InvalidCharacter),
        ] {
            assert_eq!(DisplayName::parse(typed).unwrap_err().reason, reason, "{typed:?}");
        }
    }
}
