//! The keys that sign access tokens and verify them, each bound to one algorithm, found by its `kid` in a fixed map.
//!
//! A public key's `kid` is its thumbprint (RFC 7638), so it needs no bookkeeping. What is signed is [`super::token`]'s
//! business; where a private key is kept, [`file`]'s or the store's.

pub mod file;
mod key;
#[cfg(test)]
pub(crate) mod samples;

use std::collections::HashMap;

use serde_json::{Value, json};

pub use self::key::{Algorithm, Key, KeyError, generate_es256};

/// One key that signs, and those that verify.
#[derive(Debug, Clone)]
pub struct KeySet {
    signing: Key,
    /// By `kid`, the signing key among them.
    verifying: HashMap<String, Key>,
}

impl KeySet {
    /// A set in which `signing` signs and verifies.
    #[must_use]
    pub fn new(signing: Key) -> Self {
        Self { verifying: HashMap::from([(signing.kid().to_owned(), signing.clone())]), signing }
    }

    /// The set of the one private key in `pem`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where that is no private key for the algorithm.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        Key::from_pem(algorithm, pem).map(Self::new)
    }

    /// The set of one HS256 secret.
    ///
    /// # Errors
    ///
    /// [`KeyError::Short`] below 32 bytes.
    pub fn hmac(secret: &[u8]) -> Result<Self, KeyError> {
        Key::hmac(secret).map(Self::new)
    }

    /// The same set, in which `key` verifies as well, such as the key that signed before this one.
    #[must_use]
    pub fn and_verify(mut self, key: Key) -> Self {
        self.verifying.entry(key.kid().to_owned()).or_insert(key);
        self
    }

    /// The public keys as a JWK set (RFC 7517, section 5), for other services. A secret is not in it, so with HS256 it is
    /// empty.
    #[must_use]
    pub fn jwks(&self) -> Value {
        // The signing key first: a client with room for one key takes that.
        let others = self.verifying.values().filter(|key| key.kid() != self.signing.kid());
        let keys: Vec<&Value> = std::iter::once(&self.signing).chain(others).filter_map(Key::jwk).collect();
        json!({ "keys": keys })
    }

    pub(super) fn signing(&self) -> &Key {
        &self.signing
    }

    pub(super) fn find(&self, kid: &str) -> Option<&Key> {
        self.verifying.get(kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishes_public_keys_only() {
        let pem = generate_es256();
        let set = KeySet::from_pem(Algorithm::Es256, &pem).unwrap();
        let jwks = set.jwks();
        let key = jwks["keys"][0].as_object().unwrap();
        let mut names: Vec<&str> = key.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(
            (&key["alg"], &key["kty"], &key["crv"], &key["use"]),
            (&json!("ES256"), &json!("EC"), &json!("P-256"), &json!("sig"))
        );
        assert_eq!(key["kid"], set.signing().kid());
        assert_eq!(KeySet::hmac(&[7; 32]).unwrap().jwks(), json!({ "keys": [] }));
    }

    #[test]
    fn a_former_key_verifies_and_the_new_one_signs() {
        let [former, new] = [(), ()].map(|()| Key::from_pem(Algorithm::Es256, &generate_es256()).unwrap());
        let set = KeySet::new(new.clone()).and_verify(former.clone());
        assert_eq!(set.signing().kid(), new.kid());
        assert!(set.find(former.kid()).is_some());
        assert!(set.find("../../dev/null").is_none());
        assert_eq!(set.jwks()["keys"].as_array().unwrap().len(), 2);
        assert_eq!(set.jwks()["keys"][0]["kid"], new.kid());
    }
}
