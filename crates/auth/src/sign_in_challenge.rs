//! Sign-in challenges: 256 random bits with which a client completes a sign-in that it began. Only the client that
//! began it has them, so they are what binds the next step to that client. The store keeps only their SHA-256.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The prefix by which secret scanners recognize a leaked challenge.
const PREFIX: &str = "fg_sc_";
/// The number of random bytes.
const BYTES: usize = 32;

/// A challenge in plain text.
pub struct SignInChallenge(Zeroizing<[u8; BYTES]>);

impl SignInChallenge {
    /// A new random challenge.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default value must not be random")]
    pub fn new() -> Self {
        Self(Zeroizing::new(super::random()))
    }

    /// Parses a challenge. Each challenge has one spelling.
    #[must_use]
    pub fn parse(presented: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let length = URL_SAFE_NO_PAD.decode_slice(presented.strip_prefix(PREFIX)?, &mut *bytes).ok()?;
        (length == BYTES).then_some(Self(bytes))
    }

    /// The challenge in plain text: `fg_sc_` and 43 characters of base64url.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// The value to store: the SHA-256 of the random bytes.
    ///
    /// # Panics
    ///
    /// Never: a SHA-256 hash has 32 bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(&SHA256, &*self.0).as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }
}

impl fmt::Debug for SignInChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInChallenge(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_has_one_spelling_and_one_hash() {
        let challenge = SignInChallenge::new();
        let text = challenge.expose();
        assert_eq!(SignInChallenge::parse(&text).map(|parsed| parsed.hash()), Some(challenge.hash()));
        assert_ne!(challenge.hash(), SignInChallenge::new().hash());
        assert!(!format!("{challenge:?}").contains(&text[6..]));
        let long = format!("fg_sc_{}", "A".repeat(1_000_000));
        for other in ["", "fg_sc_", &text[6..], &text[..48], &format!("{text}="), &format!("{text}A"), &long] {
            assert!(SignInChallenge::parse(other).is_none(), "{other:.60}");
        }
    }
}
