//! A signing key: an algorithm with its encoding and decoding key. They are never separated, so that a public key
//! cannot serve as an HMAC secret (RFC 8725, section 3.1).

use std::fmt;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use zeroize::Zeroizing;

use super::{
    Verifier,
    diagnosis::{Found, diagnose},
};

/// Shortest HS256 secret, in bytes (RFC 7518, section 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// The signature algorithm of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256; the default.
    Es256,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// Ed25519.
    EdDsa,
    /// HMAC with SHA-256. Every verifier can sign as well.
    Hs256,
}

impl Algorithm {
    /// The algorithm with this JOSE name (RFC 7518, section 3.1), case-sensitive.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Es256, Self::Rs256, Self::EdDsa, Self::Hs256].into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The JOSE name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    pub(crate) const fn jose(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }
}

/// Why a key cannot be used. Errors never contain any part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is not a private key for the algorithm.
    #[error("not a private key for {} in PEM (PKCS #8, unencrypted): {}", .0.name(), .1)]
    Unfit(Algorithm, Found),
    /// The stored public key is not what was written.
    #[error("the stored public key is damaged")]
    Damaged,
    /// The secret is too short to be safe.
    #[error("the HS256 secret is too short: use at least 32 random bytes")]
    Short,
}

/// A key with its algorithm. It signs and verifies.
#[derive(Clone)]
pub struct Key {
    encoding: EncodingKey,
    verifier: Verifier,
}

impl Key {
    /// Reads the private key in `pem` (PKCS #8; for RSA, PKCS #1 as well).
    ///
    /// # Errors
    ///
    /// [`KeyError`], also if `algorithm` is HS256, whose secrets have no PEM.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let unfit = |_| KeyError::Unfit(algorithm, diagnose(algorithm, pem));
        let encoding = match algorithm {
            Algorithm::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
            Algorithm::EdDsa => EncodingKey::from_ed_pem(pem.as_bytes()),
            Algorithm::Hs256 => return Err(KeyError::Unfit(algorithm, Found::Damaged)),
        }
        .map_err(unfit)?;
        // Deriving the public key reads the whole private key, so a key of another curve, a public key, or an RSA key
        // with less than 2048 bits (RFC 7518, section 3.3) fails here.
        let mut jwk = Jwk::from_encoding_key(&encoding, algorithm.jose()).map_err(unfit)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(unfit)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { encoding, verifier: Verifier::of(kid, algorithm, &jwk)? })
    }

    /// An HS256 secret.
    ///
    /// # Errors
    ///
    /// [`KeyError::Short`] below 32 bytes.
    pub fn hmac(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(KeyError::Short);
        }
        let verifier = Verifier::hmac(secret_kid(secret), DecodingKey::from_secret(secret));
        Ok(Self { encoding: EncodingKey::from_secret(secret), verifier })
    }

    /// The key's name in token headers.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.verifier.kid()
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.verifier.algorithm()
    }

    /// The verifier of its tokens. It cannot sign, unless the algorithm is HS256.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) const fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

/// A new private key for ES256, as PKCS #8 in PEM.
///
/// # Panics
///
/// If aws-lc has no randomness.
#[must_use]
pub fn generate_es256() -> Zeroizing<String> {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .expect("aws-lc aborts the process rather than run without randomness");
    pem(der.as_ref())
}

/// RFC 7468.
pub(super) fn pem(der: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    // Allocate the full size at once: a growing string leaves copies behind.
    let mut pem = Zeroizing::new(String::with_capacity(2 * encoded.len() + 64));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    for line in encoded.as_bytes().chunks(64) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

/// The `kid` of a secret: a truncated MAC over a label that no token can equal. A thumbprint (RFC 7638) would be a hash
/// of the secret, and a weak secret could be guessed from that.
fn secret_kid(secret: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"fieldguard key identifier");
    URL_SAFE_NO_PAD.encode(&tag.as_ref()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::samples::{ed25519, p384, rsa};

    #[test]
    fn the_thumbprint_matches_rfc_7638() {
        let jwk: Jwk = serde_json::from_value(serde_json::json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                  tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbIS\
                  D08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
        }))
        .unwrap();
        assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_key_fits_one_algorithm() {
        let ec = generate_es256();
        assert!(Key::from_pem(Algorithm::Es256, &ec).is_ok());
        assert!(Key::from_pem(Algorithm::EdDsa, &ed25519()).is_ok());
        for (algorithm, pem) in [
            (Algorithm::Rs256, ec.as_str()),
            (Algorithm::EdDsa, ec.as_str()),
            (Algorithm::Hs256, ec.as_str()),
            (Algorithm::Es256, ed25519().as_str()),
            (Algorithm::Es256, ""),
            (Algorithm::Es256, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            (Algorithm::Es256, p384().as_str()),
        ] {
            assert!(matches!(Key::from_pem(algorithm, pem), Err(KeyError::Unfit(of, _)) if of == algorithm));
        }
    }

    #[test]
    fn short_keys_are_refused() {
        assert!(matches!(Key::hmac(&[7; 31]), Err(KeyError::Short)));
        assert!(Key::hmac(&[7; 32]).is_ok());
        assert!(matches!(Key::from_pem(Algorithm::Rs256, RSA_1024), Err(KeyError::Unfit(_, Found::ShortRsa))));
        assert_eq!(Key::from_pem(Algorithm::Rs256, &rsa()).unwrap().verifier().jwk().unwrap()["kty"], "RSA");
    }

    #[test]
    fn debug_output_hides_a_secret() {
        let secret = b"0123456789abcdef0123456789abcdef";
        let key = Key::hmac(secret).unwrap();
        assert!(!format!("{key:?}").contains("0123"), "{key:?}");
        assert!(key.verifier().jwk().is_none());
        assert_eq!(key.kid().len(), 16);
    }

    /// It never signed anything, and its length makes it worthless.
    const RSA_1024: &str = "-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAM/zjXjgd13MFSWo
6pIBj6e3LE1CyggeRnB0PPf1T4aoxjorcRt266NyxaagFrs+T7b+b7ccL71Uare4
c/6d5svf8U0JpbCuzGy2bx/sxuM3grhsz6x98xEVyALu+KG37bSaKL4c6x8URYM9
+BPnzbRHcWsLoBdhdQqHhZdmU9d3AgMBAAECgYADcveyvI5eSOdE46NYXpxCXOBo
O6ZcMhxa+yKTvkbeZeg7yMKsgPFxmZK7q8YUvvjVgSzbLaWBD2hhubZ6z6WnTlKb
02zlIhQ5aijwL8cZN5j/hLY6YdCKq+1WdIuRydqk1hmfbB5WcVx5B5tt7arh5dZR
ORu8Ce6oTyIBknHLWQJBAP/7WA2OyNluZLtRx/4XHx2XthF0hxDy+nRGepk4PXsp
U+VoqTuAXPxgIkNyDAzKpubeSZ4ZWP8ZKNT+9Xb230UCQQDP91XFhElXSPRX0pri
X3VG2Y3Y8WE8RIHpzjgNrfFxp7fnv3zNODoKBVDx7+Ji8jKnaaqhWUFoFSvuvgwL
TXmLAkB90zhHAcZsSj0tbleV6BudWjNehR7XD/hYK0ScB+8AmSHqA/Ybj08lpsNw
z6BosTw1A1LAack7K0zM1b4midbZAkB9pgYgbCiTn/RhC1Gg6+PDhrX5GP2SmCGV
zY54VVvHO3oVftA8fXgzjbq2MiUpewO3ulPpYC/wXrpIaHKGcay5AkEApJhLxTaz
sa3beRPSVu4ZY/DW0N6nu4jFc9q5jcjY1edNDzjbpMBpAkY4uV5+ZjzRMvF1z7Hd
W0Sg58O5djn5QQ==
-----END PRIVATE KEY-----
";
}
