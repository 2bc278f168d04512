//! Reset codes: 256 random bits that let a user set a new password. An administrator issues them. The store keeps only
//! their SHA-256, as with [`super::refresh`] tokens and for the same reason.
//!
//! The store knows whose password a code resets and when it expires.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The prefix by which secret scanners recognize a leaked code.
const PREFIX: &str = "fg_pr_";
/// The number of random bytes.
const BYTES: usize = 32;
/// The length of those bytes in base64url without padding.
const ENCODED: usize = 43;

/// A reset code in plain text.
pub struct ResetCode(Zeroizing<[u8; BYTES]>);

impl ResetCode {
    /// A new random code.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default value must not be random")]
    pub fn new() -> Self {
        Self(Zeroizing::new(super::random()))
    }

    /// The code in plain text: `fg_pr_` and 43 characters of base64url.
    #[must_use]
    pub fn expose(&self) -> String {
        spelled(PREFIX, &self.0)
    }

    /// The value to store: the SHA-256 of the random bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&*self.0)
    }
}

impl fmt::Debug for ResetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResetCode(redacted)")
    }
}

/// The stored value for the code `presented`. `None` if the text is not a code. Each code has one spelling.
#[must_use]
pub fn hash_of(presented: &str) -> Option<[u8; 32]> {
    hash_with_prefix(PREFIX, presented)
}

/// A code in plain text: the prefix and 43 characters of base64url.
pub(super) fn spelled(prefix: &str, bytes: &[u8; BYTES]) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of the random bytes of a code with this prefix.
pub(super) fn hash_with_prefix(prefix: &str, presented: &str) -> Option<[u8; 32]> {
    let encoded = presented.strip_prefix(prefix).filter(|encoded| encoded.len() == ENCODED)?;
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
    Some(sha256(&bytes))
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_spelling_and_one_hash() {
        let code = ResetCode::new();
        let text = code.expose();
        assert_eq!(hash_of(&text), Some(code.hash()));
        assert_ne!(code.hash(), ResetCode::new().hash());
        assert!(!format!("{code:?}").contains(&text[6..]));
        let others =
            [&text[6..], &text[..48], &format!("{text}="), &format!(" {text}"), &text.replace("fg_pr", "fg_rt")];
        for other in others {
            assert_eq!(hash_of(other), None, "{other}");
        }
        assert_eq!(hash_of(&format!("fg_pr_{}B", "A".repeat(42))), None, "the last character has bits to spare");
    }
}
