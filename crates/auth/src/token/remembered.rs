//! Tokens whose signature was verified before. A client sends the same one for minutes, and to verify an asymmetric
//! signature takes longer than to answer most requests.
//!
//! Only what cannot change is remembered: that the token was issued here, and what it says. Its time is checked on every
//! request, and whether its session still stands is asked elsewhere.

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::sync::Cache;

use super::verify::{Proven, TokenError};

/// How many tokens are remembered, at about 100 bytes each.
const CAPACITY: usize = 50_000;

/// Proven tokens, by their SHA-256: the memory of the process holds no token that could be used.
pub(super) struct Remembered(Cache<[u8; 32], Proven>);

impl Default for Remembered {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").field("tokens", &self.0.len()).finish()
    }
}

impl Remembered {
    /// What the token says, as remembered or as `prove` finds. A token that proves nothing is not remembered: an attacker
    /// could push out those of honest clients.
    pub(super) fn get_or_prove(
        &self,
        token: &str,
        prove: impl FnOnce() -> Result<Proven, TokenError>,
    ) -> Result<Proven, TokenError> {
        let Ok(key) = digest(&SHA256, token.as_bytes()).as_ref().try_into() else { return prove() };
        if let Some(known) = self.0.get(&key) {
            return Ok(known);
        }
        let proven = prove()?;
        self.0.insert(key, proven);
        Ok(proven)
    }
}
