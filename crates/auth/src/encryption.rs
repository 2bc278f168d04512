//! Encryption of secrets in the database with a key that is kept outside of it, so that a copy of the database alone
//! reveals none of them. The cipher is AES-256-GCM with random nonces. The user's id is associated data: a secret that
//! is copied to another user's row does not open.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;
use zeroize::Zeroizing;

use fieldguard_domain::id::UserId;

/// The number of random bytes in a new key.
const BYTES: usize = 32;

/// A key for secrets in the database. All replicas share it.
pub struct EncryptionKey {
    cipher: RandomizedNonceKey,
    mac: hmac::Key,
}

/// A secret does not open: it was encrypted with another key or for another user, or it is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret was encrypted with another key")]
pub struct WrongKey;

impl EncryptionKey {
    /// Derives the key from a text with at least 32 random bytes. White space at its ends is ignored, because editors
    /// add a line break to a file.
    ///
    /// # Panics
    ///
    /// Never: HMAC-SHA-256 gives as many bytes as the cipher takes.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, text.trim().as_bytes());
        let derive = |purpose: &str| hmac::sign(&master, purpose.as_bytes());
        let cipher = derive("fieldguard encryption of secrets");
        Self {
            cipher: RandomizedNonceKey::new(&AES_256_GCM, cipher.as_ref()).expect("HMAC-SHA-256 gives 32 bytes"),
            mac: hmac::Key::new(hmac::HMAC_SHA256, derive("fieldguard recovery codes").as_ref()),
        }
    }

    /// The text of a new key, for a file: base64 of 32 random bytes.
    #[must_use]
    pub fn fresh() -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*Zeroizing::new(super::random::<BYTES>())))
    }

    /// Encrypts a secret of the user.
    ///
    /// # Panics
    ///
    /// Never: the cipher accepts texts of this length.
    #[must_use]
    pub fn seal(&self, user: UserId, secret: &[u8]) -> Vec<u8> {
        let mut sealed = secret.to_vec();
        let nonce =
            self.cipher.seal_in_place_append_tag(aad(user), &mut sealed).expect("the cipher accepts short texts");
        [nonce.as_ref().as_slice(), &sealed].concat()
    }

    /// Decrypts a secret of the user.
    ///
    /// # Errors
    ///
    /// [`WrongKey`].
    pub fn open(&self, user: UserId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrongKey> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(WrongKey)?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.cipher.open_in_place(nonce, aad(user), &mut text).map_err(|_| WrongKey)?.len();
        text.truncate(length);
        Ok(text)
    }

    /// The keyed hash (HMAC-SHA-256) of a code of the user.
    ///
    /// # Panics
    ///
    /// Never: HMAC-SHA-256 gives 32 bytes.
    #[must_use]
    pub fn hash(&self, user: UserId, code: &[u8]) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.mac);
        mac.update(user.uuid().as_bytes());
        mac.update(code);
        mac.sign().as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
    }
}

fn aad(user: UserId) -> Aad<uuid::Bytes> {
    Aad::from(Uuid::into_bytes(user.uuid()))
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_and_for_its_user_only() {
        let text = EncryptionKey::fresh();
        let (key, same, other) = (
            EncryptionKey::from_text(&text),
            EncryptionKey::from_text(&format!("{}\n", *text)),
            EncryptionKey::fresh(),
        );
        let (user, stranger) = (UserId::from(Uuid::from_u128(1)), UserId::from(Uuid::from_u128(2)));
        let sealed = key.seal(user, b"secret");
        assert_eq!(same.open(user, &sealed).as_deref(), Ok(&b"secret".to_vec()));
        assert_eq!(key.open(stranger, &sealed), Err(WrongKey));
        assert_eq!(EncryptionKey::from_text(&other).open(user, &sealed), Err(WrongKey));
        assert_ne!(key.seal(user, b"secret"), sealed, "each has its own nonce");
        for length in 0..sealed.len() {
            assert_eq!(key.open(user, &sealed[..length]), Err(WrongKey), "{length}");
        }
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn a_code_has_another_hash_for_each_key_and_user() {
        let (key, other) = (EncryptionKey::from_text("one"), EncryptionKey::from_text("two"));
        let (user, stranger) = (UserId::from(Uuid::from_u128(1)), UserId::from(Uuid::from_u128(2)));
        assert_eq!(key.hash(user, b"code"), key.hash(user, b"code"));
        assert_ne!(key.hash(user, b"code"), key.hash(stranger, b"code"));
        assert_ne!(key.hash(user, b"code"), other.hash(user, b"code"));
    }
}
