//! Refresh tokens: 256 random bits that a client shows to go on with its session. The store keeps their SHA-256 only:
//! nobody can guess a preimage of so many random bits, so no slow hash is needed.
//!
//! Which session a token belongs to, and whether it was used, is for the store to know.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Lets secret scanners recognize a token that leaked.
const PREFIX: &str = "fg_rt_";
/// Random bytes in a token.
const BYTES: usize = 32;
/// The same, in base64url without padding.
const ENCODED: usize = 43;

/// A refresh token in the clear, on its way to the client.
pub struct RefreshToken(Zeroizing<[u8; BYTES]>);

impl RefreshToken {
    /// A new token.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default that differs each time would surprise")]
    pub fn new() -> Self {
        Self(Zeroizing::new(super::random()))
    }

    /// The token as the client gets it: `fg_rt_` and 43 characters of base64url.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// What the store keeps: the SHA-256 of the random bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&*self.0)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(redacted)")
    }
}

/// What the store would hold for the token `presented`; nothing where that is no token. Each token has one spelling.
#[must_use]
pub fn hash_of(presented: &str) -> Option<[u8; 32]> {
    let encoded = presented.strip_prefix(PREFIX).filter(|it| it.len() == ENCODED)?;
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
    Some(sha256(&bytes))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_again_by_its_hash() {
        let token = RefreshToken::new();
        assert_eq!(hash_of(&token.expose()), Some(token.hash()));
        assert_ne!(token.hash(), RefreshToken::new().hash());
        assert_ne!(token.hash().as_slice(), token.0.as_slice());
        assert!(!format!("{token:?}").contains(&token.expose()[6..]));
    }

    #[test]
    fn has_one_spelling() {
        let zeros = format!("fg_rt_{}", "A".repeat(43));
        assert!(hash_of(&zeros).is_some());
        for other in [
            String::new(),
            "A".repeat(43),
            format!("FG_RT_{}", "A".repeat(43)),
            format!("fg_rt_{}", "A".repeat(42)),
            format!("{zeros}="),
            format!("{zeros} "),
            format!("fg_rt_{}B", "A".repeat(42)),
            format!("fg_rt_{}+", "A".repeat(42)),
            format!("fg_rt_{}", "A".repeat(1_000_000)),
        ] {
            assert_eq!(hash_of(&other), None);
        }
    }
}
