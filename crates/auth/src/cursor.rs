//! Cursors: positions in a list, sealed so that a client can neither read an identifier out of one nor make one up, nor
//! use a cursor of one list in another.
//!
//! AES-256-GCM-SIV (RFC 8452) with a fixed nonce, which that mode allows: one position gives one text each time, as
//! clients' caches expect, and nothing else shows. A cursor proves no right; the list's own rule decides who reads it.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Characters of a cursor at the most: more are not looked at.
const MAX_CHARACTERS: usize = 1_024;

/// The key that seals cursors; every replica holds the same.
pub struct CursorKey(LessSafeKey);

impl CursorKey {
    /// The key in `bytes`, as [`CursorKey::fresh`] made them; nothing where they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM_SIV, bytes).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Random bytes for a new key.
    #[must_use]
    pub fn fresh() -> Vec<u8> {
        super::random::<KEY_BYTES>().to_vec()
    }

    /// The cursor for the identifier `position` in the list of that name.
    #[must_use]
    pub fn seal(&self, list: &str, position: Uuid) -> String {
        self.seal_bytes(list, position.into_bytes().to_vec())
    }

    /// The identifier that `cursor` stands for in the list of that name; nothing for any other text.
    #[must_use]
    pub fn open(&self, list: &str, cursor: &str) -> Option<Uuid> {
        Uuid::from_slice(&self.open_bytes(list, cursor)?).ok()
    }

    /// The cursor for `position` in the list of that name. All it shows is how many bytes there are.
    ///
    /// # Panics
    ///
    /// Never: a position is far within every limit of the cipher.
    #[must_use]
    pub fn seal_bytes(&self, list: &str, mut position: Vec<u8>) -> String {
        self.0
            .seal_in_place_append_tag(nonce(), Aad::from(list), &mut position)
            .expect("a position is far within every limit of the cipher");
        URL_SAFE_NO_PAD.encode(position)
    }

    /// The bytes that `cursor` stands for in the list of that name; nothing for any other text.
    #[must_use]
    pub fn open_bytes(&self, list: &str, cursor: &str) -> Option<Vec<u8>> {
        if cursor.len() > MAX_CHARACTERS {
            return None;
        }
        let mut sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let opened = self.0.open_in_place(nonce(), Aad::from(list), &mut sealed).ok()?;
        Some(opened.to_vec())
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(redacted)")
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> CursorKey {
        CursorKey::from_bytes(&CursorKey::fresh()).unwrap()
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let (key, other) = (key(), key());
        let position = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        let cursor = key.seal("users", position);
        assert_eq!(key.open("users", &cursor), Some(position));
        assert_eq!(key.seal("users", position), cursor);
        assert_eq!(key.open("roles", &cursor), None);
        assert_eq!(other.open("users", &cursor), None);
        for text in
            ["", "x", &cursor[1..], &format!("{cursor}="), &format!("B{}", &cursor[1..]), &"A".repeat(1_000_000)]
        {
            if *text != *cursor {
                assert_eq!(key.open("users", text), None, "{text:.60}");
            }
        }
    }

    #[test]
    fn shows_nothing_of_the_identifier() {
        let key = key();
        let one = URL_SAFE_NO_PAD.decode(key.seal("users", Uuid::from_u128(1))).unwrap();
        let two = URL_SAFE_NO_PAD.decode(key.seal("users", Uuid::from_u128(2))).unwrap();
        let same = one.iter().zip(&two).filter(|(a, b)| a == b).count();
        assert!(same < 8, "{same} of 32 bytes are the same");
    }

    #[test]
    fn keys_have_32_bytes() {
        assert!(CursorKey::from_bytes(&[1; 31]).is_none());
        assert!(CursorKey::from_bytes(&[]).is_none());
    }
}
