//! The description of a role, which lists and terminals display.

use super::invalid::{Invalid, Reason};

/// The maximum length, in characters.
pub const MAX_CHARACTERS: usize = 200;

/// A description: at most [`MAX_CHARACTERS`] characters in one line, or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDescription(String);

impl RoleDescription {
    /// Parses a description. Surrounding spaces are removed.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `description` if it is too long or contains a character that changes how the rest is
    /// displayed: a control character, a line break or a change of the writing direction.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.chars().nth(MAX_CHARACTERS).is_some() {
            return Err(invalid(
                Reason::TooLong,
                format!("`description` must have at most {MAX_CHARACTERS} characters."),
            ));
        }
        if text.chars().any(|c| c.is_control() || is_line_break_or_bidi(c)) {
            let message = "`description` must be one line without control characters.";
            return Err(invalid(Reason::InvalidCharacter, message.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The description, as stored and displayed.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Whether `c` breaks the line or changes the writing direction.
pub(crate) const fn is_line_break_or_bidi(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn invalid(reason: Reason, message: String) -> Invalid {
    Invalid::new("description", reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_one_line() {
        for good in ["", "Helps people.", "Hilft Menschen – täglich.", &"é".repeat(200)] {
            assert_eq!(RoleDescription::parse(good).unwrap().into_string(), good);
        }
        assert_eq!(RoleDescription::parse("  Helps. \n").unwrap().into_string(), "Helps.");
        for bad in ["a\nb", "a\u{0}b", "\u{1b}[31mred", "a\u{202e}b", "a\u{2028}b", &"x".repeat(201)] {
            assert_eq!(RoleDescription::parse(bad).unwrap_err().field, "description", "{bad:?}");
        }
    }
}
