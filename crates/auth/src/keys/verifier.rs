//! Verifiers of one key's tokens: its public half, or the HS256 secret.

use std::fmt;

use jsonwebtoken::{
    DecodingKey,
    jwk::{Jwk, ThumbprintHash},
};
use serde_json::Value;

use super::{Algorithm, Found, KeyError};

/// A public key or a secret, with its algorithm. It does not sign.
#[derive(Clone)]
pub struct Verifier {
    kid: String,
    algorithm: Algorithm,
    decoding: DecodingKey,
    jwk: Option<Value>,
}

impl Verifier {
    /// Reads the public key in `jwk`, in the form of [`Verifier::jwk`].
    ///
    /// # Errors
    ///
    /// [`KeyError::Damaged`] if the text is not a JWK for `algorithm` with the thumbprint `kid`.
    pub fn from_jwk(kid: &str, algorithm: Algorithm, jwk: &str) -> Result<Self, KeyError> {
        let jwk: Jwk = serde_json::from_str(jwk).map_err(|_| KeyError::Damaged)?;
        let named = jwk.common.key_algorithm.map(|algorithm| algorithm.to_string());
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyError::Damaged)?;
        if algorithm == Algorithm::Hs256 || named.as_deref() != Some(algorithm.name()) || thumbprint != kid {
            return Err(KeyError::Damaged);
        }
        Self::of(thumbprint, algorithm, &jwk)
    }

    pub(super) fn of(kid: String, algorithm: Algorithm, jwk: &Jwk) -> Result<Self, KeyError> {
        let decoding = DecodingKey::from_jwk(jwk).map_err(|_| KeyError::Unfit(algorithm, Found::Damaged))?;
        let jwk = serde_json::to_value(jwk).map_err(|_| KeyError::Unfit(algorithm, Found::Damaged))?;
        Ok(Self { kid, algorithm, decoding, jwk: Some(jwk) })
    }

    pub(super) const fn hmac(kid: String, decoding: DecodingKey) -> Self {
        Self { kid, algorithm: Algorithm::Hs256, decoding, jwk: None }
    }

    /// The key's name in token headers.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key (RFC 7517). `None` for a secret.
    #[must_use]
    pub const fn jwk(&self) -> Option<&Value> {
        self.jwk.as_ref()
    }

    pub(crate) const fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Key, generate_es256, samples::rsa};

    #[test]
    fn a_stored_key_is_read_only_with_its_kid_and_algorithm() {
        for (algorithm, pem) in [(Algorithm::Es256, generate_es256()), (Algorithm::Rs256, rsa())] {
            let key = Key::from_pem(algorithm, &pem).unwrap();
            let jwk = key.verifier().jwk().unwrap().to_string();
            assert_eq!(Verifier::from_jwk(key.kid(), algorithm, &jwk).unwrap().jwk(), key.verifier().jwk());
            let damaged = |kid, algorithm, jwk: &str| Verifier::from_jwk(kid, algorithm, jwk).unwrap_err();
            assert_eq!(damaged("another", algorithm, &jwk), KeyError::Damaged);
            assert_eq!(damaged(key.kid(), Algorithm::EdDsa, &jwk), KeyError::Damaged);
            assert_eq!(damaged(key.kid(), Algorithm::Hs256, &jwk), KeyError::Damaged);
            assert_eq!(damaged(key.kid(), algorithm, "{}"), KeyError::Damaged);
        }
    }
}
