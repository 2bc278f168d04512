//! Passwords: which are accepted as new ones, and the opaque types that carry them and their hashes.
//!
//! Rules are of length and of guessability ([`super::password_strength`]), not of composition (NIST SP 800-63B-4). Text is
//! in NFC, so that one keyboard's `é` is another's; case, width and spaces count. Hashing is `fieldguard_auth::hasher`'s.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;

use super::{
    invalid::{Invalid, Reason},
    password_strength::{self, Weakness},
};

/// Longest password, in bytes of its NFC form; nothing longer is ever hashed.
pub const MAX_BYTES: usize = 1_024;

/// How long a new password is, in characters (Unicode scalar values of its NFC form).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// At least.
    pub min_characters: usize,
    /// At most.
    pub max_characters: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_characters: 12, max_characters: 128 }
    }
}

/// A password in the clear, in NFC. Its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password as someone presents it to sign in: in NFC, judged by no policy, since policies change.
    #[must_use]
    pub fn presented(text: String) -> Self {
        let text = Zeroizing::new(text);
        // Text over the limit is refused whatever its form, so no time is spent on it.
        if text.len() > MAX_NFC_SOURCE_BYTES || is_nfc(&text) {
            return Self(text);
        }
        // Room for all of it at once: a string that grows would leave copies behind. NFC is at most three times as long.
        let mut composed = Zeroizing::new(String::with_capacity(text.len() * 3));
        composed.extend(text.nfc());
        Self(composed)
    }

    /// The bytes to hash.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Is it longer than any password can be?
    #[must_use]
    pub fn is_oversized(&self) -> bool {
        self.0.len() > MAX_BYTES
    }
}

/// A new password of a length that is accepted. What is left is to judge how easily it is guessed, which can take as long as
/// to hash it and belongs on the threads that do so.
pub struct NewPassword {
    password: Password,
    /// Words that a guesser tries first for this account.
    context: Vec<String>,
    field: &'static str,
}

impl NewPassword {
    /// Takes a new password, whose length alone is looked at. `context` are words that a guesser tries first for this
    /// account ([`password_strength::words_of`]); the product's name is added. `field` is the input field that holds it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where it is too short or too long.
    pub fn parse(
        field: &'static str,
        text: String,
        policy: PasswordPolicy,
        context: Vec<String>,
    ) -> Result<Self, Invalid> {
        let PasswordPolicy { min_characters, max_characters } = policy;
        let refusal = |reason, message| Err(Invalid::new(field, reason, message));
        let password = Password::presented(text);
        let characters = password.0.chars().take(max_characters + 1).count();
        if password.is_oversized() || characters > max_characters {
            let message = format!("A password has at most {max_characters} characters, and at most {MAX_BYTES} bytes.");
            return refusal(Reason::TooLong, message);
        }
        if characters < min_characters {
            let message = format!(
                "A password has at least {min_characters} characters. Several unrelated words make a good one."
            );
            return refusal(Reason::TooShort, message);
        }
        Ok(Self { password, context, field })
    }

    /// Judges how easily it is guessed. Takes tens of milliseconds in the worst case.
    ///
    /// # Errors
    ///
    /// [`Invalid`] where it is easily guessed, with the reason.
    pub fn judge(self) -> Result<Password, Invalid> {
        let words: Vec<&str> = self.context.iter().map(String::as_str).collect();
        match password_strength::weakness(&self.password.0, &words) {
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

/// Longest text that is brought to NFC. Composition shortens: what is within [`MAX_BYTES`] afterwards can be a few times
/// as long before.
const MAX_NFC_SOURCE_BYTES: usize = 4 * MAX_BYTES;

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

/// What the store keeps of a password: a PHC string with algorithm, parameters, salt and hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A PHC string, as the hasher made it or the database holds it. It is not judged here.
    #[must_use]
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for the store and the hasher alone.
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

    /// `count` characters of three bytes each, in no order that a guesser would try.
    fn ideographs(count: u32) -> String {
        (0..count).map(|i| char::from_u32(0x4e00 + i * 7_919 % 20_000).unwrap()).collect()
    }

    #[test]
    fn counts_characters_in_nfc() {
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
    fn bytes_are_limited_too() {
        let roomy = PasswordPolicy { min_characters: 1, max_characters: 5_000 };
        let of = |n: u32| NewPassword::parse("password", ideographs(n), roomy, Vec::new());
        assert!(of(341).is_ok());
        assert!(of(342).is_err());
    }

    #[test]
    fn one_password_on_every_keyboard() {
        let typed = Password::presented("cafe\u{301}".to_owned());
        assert_eq!(typed.expose(), "café".as_bytes());
        assert_ne!(typed.expose(), Password::presented("CAFÉ".to_owned()).expose());
        assert_eq!(Password::presented("a".repeat(9_999)).expose().len(), 9_999);
    }

    #[test]
    fn tells_nothing() {
        let told =
            format!("{:?} {:?}", parse("correct horse battery").unwrap(), PasswordHash::from_phc("$argon2".into()));
        assert!(!told.contains("horse") && !told.contains("argon2"), "{told}");
        let invalid = parse("password1234").unwrap_err();
        assert!(!format!("{invalid:?}").contains("1234"), "{invalid:?}");
    }
}
