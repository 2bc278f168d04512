//! Passwords: which new ones are accepted, and the opaque types for passwords and their hashes.
//!
//! The rules cover length and guessability ([`super::password_strength`]), not composition (NIST SP 800-63B-4). Text is
//! normalized to NFC, so that `é` is the same on every keyboard. Case, width and spaces count.
//! `fieldguard_auth::hasher` hashes passwords.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;

use super::{
    invalid::{Invalid, Reason},
    password_strength::{self, Weakness},
};

/// Maximum length of a password, in bytes of its NFC form. Longer text is never hashed.
pub const MAX_BYTES: usize = 1_024;

/// The length limits of a new password, in characters (Unicode scalar values of its NFC form).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The minimum length.
    pub min_characters: usize,
    /// The maximum length.
    pub max_characters: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_characters: 12, max_characters: 128 }
    }
}

/// A password in plain text, in NFC. Its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Password {
    text: Zeroizing<String>,
    /// The text as typed, if it was not in NFC.
    typed: Option<Zeroizing<String>>,
}

impl Password {
    /// A password as a user presents it to sign in, in NFC. No policy applies, because policies change.
    #[must_use]
    pub fn presented(text: String) -> Self {
        let text = Zeroizing::new(text);
        // Text over the limit is refused in any form, so it is not normalized.
        if text.len() > MAX_NFC_SOURCE_BYTES || is_nfc(&text) {
            return Self { text, typed: None };
        }
        // Allocate the full size at once: a growing string leaves copies behind. NFC is at most three times as long.
        let mut composed = Zeroizing::new(String::with_capacity(text.len() * 3));
        composed.extend(text.nfc());
        let typed = Some(text).filter(|text| text.len() <= MAX_BYTES);
        Self { text: composed, typed }
    }

    /// The bytes as typed, if they are not in NFC. Other systems hash those.
    #[must_use]
    pub fn as_typed(&self) -> Option<&[u8]> {
        self.typed.as_ref().map(|typed| typed.as_bytes())
    }

    /// The bytes to hash.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Whether it is longer than any password can be.
    #[must_use]
    pub fn is_oversized(&self) -> bool {
        self.text.len() > MAX_BYTES
    }
}

/// A new password of valid length. Its guessability is not checked yet: that takes as long as hashing and runs on the
/// hashing threads.
pub struct NewPassword {
    password: Password,
    /// Words that an attacker tries first for this user.
    context: Vec<String>,
    field: &'static str,
}

impl NewPassword {
    /// Takes a new password and checks its length only. `context` are words that an attacker tries first for this user
    /// ([`password_strength::words_of`]); the product's name is added. `field` is the input field that holds the
    /// password.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is too short or too long.
    pub fn parse(
        field: &'static str,
        text: String,
        policy: PasswordPolicy,
        context: Vec<String>,
    ) -> Result<Self, Invalid> {
        let PasswordPolicy { min_characters, max_characters } = policy;
        let refusal = |reason, message| Err(Invalid::new(field, reason, message));
        let password = Password::presented(text);
        let characters = password.text.chars().take(max_characters + 1).count();
        if password.is_oversized() || characters > max_characters {
            let message = format!("The password must have at most {max_characters} characters and {MAX_BYTES} bytes.");
            return refusal(Reason::TooLong, message);
        }
        if characters < min_characters {
            let message =
                format!("The password must have at least {min_characters} characters. Use several unrelated words.");
            return refusal(Reason::TooShort, message);
        }
        Ok(Self { password, context, field })
    }

    /// Checks how easily the password is guessed. This takes tens of milliseconds in the worst case.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is easily guessed, with the reason.
    pub fn judge(self) -> Result<Password, Invalid> {
        let words: Vec<&str> = self.context.iter().map(String::as_str).collect();
        match password_strength::weakness(&self.password.text, &words) {
            Some(Weakness { reason, message }) => Err(Invalid::new(self.field, reason, message)),
            None => Ok(self.password),
        }
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(redacted)")
    }
}

/// Maximum length of text that is normalized. Composition shortens text: what fits [`MAX_BYTES`] afterwards can be a
/// few times as long before.
const MAX_NFC_SOURCE_BYTES: usize = 4 * MAX_BYTES;

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// A password hash: a PHC string with algorithm, parameters, salt and hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A PHC string from the hasher or the database. It is not checked here.
    #[must_use]
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for the store and the hasher only.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Password, Invalid> {
        NewPassword::parse("password", text.to_owned(), PasswordPolicy::default(), vec!["ada".to_owned()])?.judge()
    }

    /// `count` characters of three bytes each, in an order that no attacker would try.
    fn ideographs(count: u32) -> String {
        (0..count).map(|i| char::from_u32(0x4e00 + i * 7_919 % 20_000).unwrap()).collect()
    }

    #[test]
    fn length_is_counted_in_nfc_characters() {
        let letters = ideographs(128);
        for (text, fits) in [
            ("kQ7#vLp2!xZ", false),
            ("kQ7#vLp2!xZ9", true),
            ("zqwvkje\u{301}\u{301}xpdm", true),
            ("zqwvkje\u{301}xpd", false),
            (letters.as_str(), true),
            (format!("{letters}z").as_str(), false),
            ("𐍈".repeat(257).as_str(), false),
        ] {
            assert_eq!(parse(text).is_ok(), fits, "{text}");
        }
        assert!(parse(&"z".repeat(5_000_000)).is_err());
    }

    #[test]
    fn length_is_limited_in_bytes() {
        let policy = PasswordPolicy { min_characters: 1, max_characters: 5_000 };
        let of = |n: u32| NewPassword::parse("password", ideographs(n), policy, Vec::new());
        assert!(of(341).is_ok());
        assert!(of(342).is_err());
    }

    #[test]
    fn passwords_are_normalized_to_nfc() {
        let typed = Password::presented("cafe\u{301}".to_owned());
        assert_eq!(typed.expose(), "café".as_bytes());
        assert_eq!(typed.as_typed(), Some("cafe\u{301}".as_bytes()));
        assert_eq!(Password::presented("café".to_owned()).as_typed(), None);
        assert_ne!(typed.expose(), Password::presented("CAFÉ".to_owned()).expose());
        assert_eq!(Password::presented("a".repeat(9_999)).expose().len(), 9_999);
    }

    #[test]
    fn debug_output_and_errors_hide_the_password() {
        let debug =
            format!("{:?} {:?}", parse("correct horse battery").unwrap(), PasswordHash::from_phc("$argon2".into()));
        assert!(!debug.contains("horse") && !debug.contains("argon2"), "{debug}");
        let invalid = parse("password1234").unwrap_err();
        assert!(!format!("{invalid:?}").contains("1234"), "{invalid:?}");
    }
}
