//! Cursors: sealed positions in a list. A client can neither read the position nor forge one, nor use a cursor of one
//! list in another.
//!
//! The cipher is AES-256-GCM-SIV (RFC 8452) with a fixed nonce, which that mode allows. A position always gives the
//! same text, as client caches expect, and reveals nothing else. A cursor grants no access; the rule of the list does.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The size of a key, in bytes.
const KEY_BYTES: usize = 32;
/// Maximum length of a cursor. Longer text is refused unread.
const MAX_CHARACTERS: usize = 1_024;

/// The key that seals cursors. All replicas share it.
pub struct CursorKey(LessSafeKey);

impl CursorKey {
    /// Builds the key from the 32 bytes of [`CursorKey::fresh`]. `None` for any other number of bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM_SIV, bytes).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Random bytes for a new key.
    #[must_use]
    pub fn fresh() -> Vec<u8> {
        super::random::<KEY_BYTES>().to_vec()
    }

    /// The cursor for the identifier `position` in the list `list`.
    #[must_use]
    pub fn seal(&self, list: &str, position: Uuid) -> String {
        self.seal_bytes(list, position.into_bytes().to_vec())
    }

    /// The identifier in `cursor`. `None` if the text is not a cursor of the list `list`.
    #[must_use]
    pub fn open(&self, list: &str, cursor: &str) -> Option<Uuid> {
        Uuid::from_slice(&self.open_bytes(list, cursor)?).ok()
    }

    /// The cursor for `position` in the list `list`. Its length reveals the number of bytes.
    ///
    /// # Panics
    ///
    /// Never: the cipher accepts texts of this length.
    #[must_use]
    pub fn seal_bytes(&self, list: &str, mut position: Vec<u8>) -> String {
        self.0
            .seal_in_place_append_tag(nonce(), Aad::from(list), &mut position)
            .expect("the cipher accepts short texts");
        URL_SAFE_NO_PAD.encode(position)
    }

    /// The bytes in `cursor`. `None` if the text is not a cursor of the list `list`.
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
    fn a_cursor_opens_only_with_its_key_and_list() {
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
    fn a_cursor_hides_the_identifier() {
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
