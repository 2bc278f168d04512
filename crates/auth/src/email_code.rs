//! Codes that verify an email address or undo its change: 256 random bits, sent by mail. The store keeps only their SHA-256,
//! as with [`super::reset_code`], and knows what a code does and when it expires.

use std::fmt;

use zeroize::Zeroizing;

use super::reset_code::{hash_with_prefix, sha256, spelled};

/// The prefix by which secret scanners recognize a leaked code.
const PREFIX: &str = "fg_em_";

/// A code in plain text.
pub struct EmailCode(Zeroizing<[u8; 32]>);

impl EmailCode {
    /// A new random code.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default value must not be random")]
    pub fn new() -> Self {
        Self(Zeroizing::new(super::random()))
    }

    /// The code in plain text: `fg_em_` and 43 characters of base64url.
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

impl fmt::Debug for EmailCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailCode(redacted)")
    }
}

/// The stored value for the code `presented`. `None` if the text is not a code.
#[must_use]
pub fn hash_of(presented: &str) -> Option<[u8; 32]> {
    hash_with_prefix(PREFIX, presented)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reset_code::{self, ResetCode};

    #[test]
    fn codes_are_not_mistaken_for_reset_codes() {
        let (code, reset) = (EmailCode::new(), ResetCode::new());
        assert_eq!(hash_of(&code.expose()), Some(code.hash()));
        assert_eq!((hash_of(&reset.expose()), reset_code::hash_of(&code.expose())), (None, None));
        assert!(!format!("{code:?}").contains(&code.expose()[6..]));
    }
}
