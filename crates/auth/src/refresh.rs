//! Refresh tokens: what a client shows to go on with its session. Each names its session and its generation, holds 256
//! secret bits, and is sealed, so that one that was issued long ago is known as ours without being kept.
//!
//! The secret of a token follows from its predecessor's by a key of the server: whoever shows a token that was exchanged a
//! moment ago can be given its successor again, while the store keeps only the SHA-256 of the newest. Neither that nor the
//! key gives anyone a token. What a token that was used before means is decided in [`fieldguard_domain::refresh_chain`].

use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hmac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;
use zeroize::Zeroizing;

use fieldguard_domain::id::SessionId;

/// Lets secret scanners recognize a token that leaked.
const PREFIX: &str = "fg_rt_";
/// Bytes of a key, and of the secret in a token.
const SECRET_BYTES: usize = 32;
/// Bytes of the session's identifier, the generation, the secret and the seal.
const BYTES: usize = 16 + 4 + SECRET_BYTES + SEAL_BYTES;
const SEAL_BYTES: usize = 16;
/// The same, in base64url without padding.
const ENCODED: usize = 91;

/// The key that seals tokens and leads from one to the next; every replica holds the same.
pub struct RefreshKey(hmac::Key);

impl RefreshKey {
    /// The key in `bytes`, as [`RefreshKey::fresh`] made them; nothing where they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == SECRET_BYTES).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// Random bytes for a new key.
    #[must_use]
    pub fn fresh() -> Vec<u8> {
        super::random::<SECRET_BYTES>().to_vec()
    }

    /// The first token of a session.
    #[must_use]
    pub fn first(&self, session: SessionId) -> RefreshToken {
        self.seal(session, 0, Zeroizing::new(super::random()))
    }

    /// The token that follows `token`, the same each time.
    #[must_use]
    pub fn next(&self, token: &RefreshToken) -> RefreshToken {
        let next = self.mac(*b"next", token.session, token.generation, &token.secret);
        self.seal(token.session, token.generation.saturating_add(1), next)
    }

    /// The token that follows `token` and has that generation, which is not before its own.
    #[must_use]
    pub fn successor(&self, token: RefreshToken, generation: u32) -> RefreshToken {
        (token.generation..generation).fold(token, |it, _| self.next(&it))
    }

    /// The token that `presented` spells, where this key sealed it. Each token has one spelling.
    #[must_use]
    pub fn open(&self, presented: &str) -> Option<RefreshToken> {
        let encoded = presented.strip_prefix(PREFIX).filter(|it| it.len() == ENCODED)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (generation, rest) = rest.split_first_chunk::<4>()?;
        let (secret, seal) = rest.split_first_chunk::<SECRET_BYTES>()?;
        let session = SessionId::from(Uuid::from_bytes(*session));
        let token = self.seal(session, u32::from_be_bytes(*generation), Zeroizing::new(*secret));
        verify_slices_are_equal(&token.seal, seal).ok().map(|()| token)
    }

    fn seal(&self, session: SessionId, generation: u32, secret: Zeroizing<[u8; SECRET_BYTES]>) -> RefreshToken {
        let mac = self.mac(*b"seal", session, generation, &secret);
        let seal = *mac.first_chunk().expect("a seal is shorter than a MAC");
        RefreshToken { session, generation, secret, seal }
    }

    fn mac(
        &self,
        purpose: [u8; 4],
        session: SessionId,
        generation: u32,
        secret: &[u8; SECRET_BYTES],
    ) -> Zeroizing<[u8; SECRET_BYTES]> {
        let mut mac = hmac::Context::with_key(&self.0);
        for part in [&purpose[..], session.uuid().as_bytes(), &generation.to_be_bytes(), secret] {
            mac.update(part);
        }
        Zeroizing::new(mac.sign().as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes"))
    }
}

impl fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshKey(redacted)")
    }
}

/// A refresh token in the clear, on its way to the client or from it.
pub struct RefreshToken {
    session: SessionId,
    generation: u32,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
    seal: [u8; SEAL_BYTES],
}

impl RefreshToken {
    /// The session it belongs to.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Which of the session's tokens it is; the first is 0.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The token as the client gets it: `fg_rt_` and 91 characters of base64url.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.extend_from_slice(self.session.uuid().as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&*self.secret);
        bytes.extend_from_slice(&self.seal);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes))
    }

    /// What the store keeps: the SHA-256 of the secret. Nobody guesses a preimage of so many random bits, so no slow hash
    /// is needed.
    ///
    /// # Panics
    ///
    /// Never: SHA-256 gives 32 bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(&SHA256, &*self.secret).as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }

    /// Is `hash` the hash of this token?
    #[must_use]
    pub fn has_hash(&self, hash: &[u8]) -> bool {
        verify_slices_are_equal(&self.hash(), hash).is_ok()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn key() -> RefreshKey {
        RefreshKey::from_bytes(&RefreshKey::fresh()).unwrap()
    }

    fn session() -> SessionId {
        SessionId::new(DateTime::UNIX_EPOCH)
    }

    #[test]
    fn is_opened_by_the_key_that_sealed_it() {
        let (key, session) = (key(), session());
        let token = key.first(session);
        let opened = key.open(&token.expose()).unwrap();
        assert_eq!((opened.session(), opened.generation(), opened.hash()), (session, 0, token.hash()));
        assert!(opened.has_hash(&token.hash()) && !opened.has_hash(&[0; 32]) && !opened.has_hash(&[]));
        assert!(self::key().open(&token.expose()).is_none(), "another server's token");
        assert!(!format!("{token:?}{key:?}").contains(&token.expose()[6..]));
        assert_ne!(token.hash(), key.first(session).hash());
    }

    #[test]
    fn leads_to_one_successor() {
        let (key, session) = (key(), session());
        let first = key.first(session);
        let (once, again) = (key.next(&first), key.next(&first));
        assert_eq!(once.expose(), again.expose());
        assert_eq!(once.generation(), 1);
        let third = key.next(&key.next(&once));
        assert_eq!(key.successor(first, 3).expose(), third.expose());
        assert_eq!(key.successor(third, 3).generation(), 3);
    }

    #[test]
    fn has_one_spelling_and_takes_no_change() {
        let key = key();
        let token = key.first(session()).expose();
        assert_eq!(token.len(), PREFIX.len() + ENCODED);
        for index in PREFIX.len()..token.len() {
            let other = if token.as_bytes()[index] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &token[..index], &token[index + 1..]);
            assert!(key.open(&changed).is_none(), "a change at {index} goes unnoticed");
        }
        let long = format!("fg_rt_{}", "A".repeat(1_000_000));
        for other in ["", &token[6..], &format!("{token}="), &format!("{token} "), &token.to_uppercase(), &long] {
            assert!(key.open(other).is_none());
        }
    }
}
