//! Cache of tokens with a verified signature. A client sends the same token for minutes, and verifying an asymmetric
//! signature takes longer than answering most requests.
//!
//! The cache stores only what cannot change: that the token was issued here, and its content. Its time is checked on every
//! request, and its session elsewhere.

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::sync::Cache;

use fieldguard_domain::measure::CacheUse;

use super::verify::{Proven, TokenError};

/// Maximum number of cached tokens, at about 100 bytes each.
const CAPACITY: usize = 50_000;

/// Verified tokens by their SHA-256, so that the memory of the process holds no usable token.
pub(super) struct TokenCache(Cache<[u8; 32], Proven>);

impl Default for TokenCache {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache").field("tokens", &self.0.len()).finish()
    }
}

impl TokenCache {
    /// The content of the token, from the cache or from `prove`. Invalid tokens are not cached: an attacker could evict
    /// those of other clients.
    pub(super) fn get_or_prove(
        &self,
        token: &str,
        uses: &CacheUse,
        prove: impl FnOnce() -> Result<Proven, TokenError>,
    ) -> Result<Proven, TokenError> {
        let Ok(key) = digest(&SHA256, token.as_bytes()).as_ref().try_into() else { return prove() };
        if let Some(known) = uses.count(self.0.get(&key)) {
            return Ok(known);
        }
        let proven = prove()?;
        self.0.insert(key, proven);
        Ok(proven)
    }
}
