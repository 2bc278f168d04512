//! The keys that sign and verify access tokens, each bound to one algorithm and found by its `kid`.
//!
//! A public key's `kid` is its thumbprint (RFC 7638). [`super::token`] decides what is signed. [`directory`] or the
//! store keeps private keys.

mod diagnosis;
pub mod directory;
pub mod file;
mod key;
#[cfg(test)]
pub(crate) mod samples;
mod verifier;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use self::{
    diagnosis::Found,
    key::{Algorithm, Key, KeyError, generate_es256},
    verifier::Verifier,
};

/// One key that signs, and the keys that verify.
#[derive(Debug, Clone)]
pub struct KeySet {
    signing: Key,
    /// The keys that verify and do not sign, by `kid`. The signing key is not among them.
    others: BTreeMap<String, Other>,
}

#[derive(Debug, Clone)]
struct Other {
    verifier: Verifier,
    /// The time until which it verifies. `None` for a key that will sign.
    until: Option<DateTime<Utc>>,
}

impl Other {
    fn verifies(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl KeySet {
    /// A set in which only `signing` signs and verifies.
    #[must_use]
    pub const fn new(signing: Key) -> Self {
        Self { signing, others: BTreeMap::new() }
    }

    /// A set with the private key in `pem`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the text is not a private key for the algorithm.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        Key::from_pem(algorithm, pem).map(Self::new)
    }

    /// A set with an HS256 secret.
    ///
    /// # Errors
    ///
    /// [`KeyError::Short`] below 32 bytes.
    pub fn hmac(secret: &[u8]) -> Result<Self, KeyError> {
        Key::hmac(secret).map(Self::new)
    }

    /// Adds a key that verifies: until `until` for a former signing key, without a limit for a future one.
    #[must_use]
    pub fn and_verify(mut self, verifier: Verifier, until: Option<DateTime<Utc>>) -> Self {
        if verifier.kid() != self.signing.kid() {
            self.others.entry(verifier.kid().to_owned()).or_insert(Other { verifier, until });
        }
        self
    }

    /// The public keys as a JWK set (RFC 7517, section 5), for other services. Secrets are not included, so with HS256
    /// it is empty.
    #[must_use]
    pub fn jwks(&self, now: DateTime<Utc>) -> Value {
        // The signing key first: a client that supports one key takes the first.
        json!({ "keys": self.verifiers(now).filter_map(Verifier::jwk).collect::<Vec<_>>() })
    }

    /// The verifiers that are valid at `now`: the signing key first, the others sorted by `kid`.
    pub fn verifiers(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Verifier> {
        let others = self.others.values().filter(move |other| other.verifies(now)).map(|other| &other.verifier);
        std::iter::once(self.signing.verifier()).chain(others)
    }

    /// The `kid` of the key that signs.
    #[must_use]
    pub fn signing_kid(&self) -> &str {
        self.signing.kid()
    }

    /// The `kid` of each key that verifies at `now` besides the signing key, with the time until which it does. `None`
    /// for a key that will sign.
    #[must_use]
    pub fn others(&self, now: DateTime<Utc>) -> BTreeMap<&str, Option<DateTime<Utc>>> {
        let others = self.others.iter().filter(|(_, other)| other.verifies(now));
        others.map(|(kid, other)| (kid.as_str(), other.until)).collect()
    }

    /// The key that signs.
    #[must_use]
    pub const fn signing_key(&self) -> &Key {
        &self.signing
    }

    /// The key with this `kid` if it verifies at `now`, with the time until which it does, if there is one.
    pub(super) fn find(&self, kid: &str, now: DateTime<Utc>) -> Option<(&Verifier, Option<DateTime<Utc>>)> {
        if kid == self.signing.kid() {
            return Some((self.signing.verifier(), None));
        }
        let other = self.others.get(kid).filter(|other| other.verifies(now))?;
        Some((&other.verifier, other.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jwk_set_has_public_keys_only() {
        let pem = generate_es256();
        let set = KeySet::from_pem(Algorithm::Es256, &pem).unwrap();
        let jwks = set.jwks(DateTime::UNIX_EPOCH);
        let key = jwks["keys"][0].as_object().unwrap();
        let mut names: Vec<&str> = key.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(
            (&key["alg"], &key["kty"], &key["crv"], &key["use"]),
            (&json!("ES256"), &json!("EC"), &json!("P-256"), &json!("sig"))
        );
        assert_eq!(key["kid"], set.signing_key().kid());
        assert_eq!(KeySet::hmac(&[7; 32]).unwrap().jwks(DateTime::UNIX_EPOCH), json!({ "keys": [] }));
    }

    #[test]
    fn a_former_key_verifies_until_its_time_and_the_new_key_signs() {
        let [oldest, former, new] = [(); 3].map(|()| Key::from_pem(Algorithm::Es256, &generate_es256()).unwrap());
        let [early, late] = [100, 200].map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap());
        let set = KeySet::new(new.clone()).and_verify(former.verifier().clone(), Some(late));
        let set = set.and_verify(oldest.verifier().clone(), Some(early)).and_verify(new.verifier().clone(), Some(late));
        assert_eq!(set.signing_key().kid(), new.kid());
        let found = |seconds, key: &Key| set.find(key.kid(), DateTime::from_timestamp(seconds, 0).unwrap()).is_some();
        assert!(found(99, &oldest) && !found(100, &oldest));
        assert!(found(199, &former) && !found(200, &former) && found(200, &new));
        assert!(set.find("../../dev/null", early).is_none());
        let published = |time| {
            let jwks = set.jwks(time);
            jwks["keys"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key["kid"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(published(DateTime::UNIX_EPOCH).len(), 3);
        assert_eq!(published(early), [new.kid(), former.kid()]);
        assert_eq!(published(late), [new.kid()]);

        let next = Key::from_pem(Algorithm::Es256, &generate_es256()).unwrap();
        let set = set.and_verify(next.verifier().clone(), None);
        assert!(matches!(set.find(next.kid(), DateTime::<Utc>::MAX_UTC), Some((_, None))));
        assert_eq!(set.jwks(late)["keys"].as_array().unwrap().len(), 2, "a key that will sign is published");
        assert_eq!(set.others(early).len(), 2, "the key that signs is not among the others");
    }
}
