//! What other services need to verify access tokens: the public keys, the issuer and the algorithms.

use serde_json::Value;

use super::Accounts;

impl Accounts {
    /// The public keys that verify this server's access tokens now, as a JWK set (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.tokens.keys().jwks(self.clock.now())
    }

    /// The issuer of this server's access tokens (`iss`).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.tokens.settings().issuer
    }

    /// The algorithms of the keys that verify now, each once.
    #[must_use]
    pub fn algorithms(&self) -> Vec<&'static str> {
        let keys = self.tokens.keys();
        let mut names: Vec<_> = keys.verifiers(self.clock.now()).map(|verifier| verifier.algorithm().name()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
