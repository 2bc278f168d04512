//! What a role is for, in the words of whoever made it, as others read it in lists and on terminals.

use super::invalid::{Invalid, Reason};

/// How long it may be.
pub const MAX_CHARACTERS: usize = 200;

/// A sentence about a role: at most [`MAX_CHARACTERS`] characters in one line, perhaps none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDescription(String);

impl RoleDescription {
    /// Parses a description. Space around it is left out.
    ///
    /// # Errors
    ///
    /// [`Invalid`] on the field `description` where it is too long, or holds a character that is not seen and changes how
    /// the rest is: a control character, a line break, one that turns the direction of writing.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.chars().nth(MAX_CHARACTERS).is_some() {
            return Err(invalid(Reason::TooLong, format!("A description has at most {MAX_CHARACTERS} characters.")));
        }
        if text.chars().any(|c| c.is_control() || turns(c)) {
            let message = "A description is one line, without control characters.";
            return Err(invalid(Reason::InvalidCharacter, message.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The description as it is stored and shown.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Breaks the line or turns the direction, unseen.
fn turns(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn invalid(reason: Reason, message: String) -> Invalid {
    Invalid::new("description", reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_line() {
        for good in ["", "Helps people.", "Hilft Menschen – täglich.", &"é".repeat(200)] {
            assert_eq!(RoleDescription::parse(good).unwrap().into_string(), good);
        }
        assert_eq!(RoleDescription::parse("  Helps. \n").unwrap().into_string(), "Helps.");
        for bad in ["a\nb", "a\u{0}b", "\u{1b}[31mred", "a\u{202e}b", "a\u{2028}b", &"x".repeat(201)] {
            assert_eq!(RoleDescription::parse(bad).unwrap_err().field, "description", "{bad:?}");
        }
    }
}
