//! Refresh tokens: what a client sends to continue its session. A token contains its session, its generation and 256
//! secret bits, and is sealed, so that the server recognizes an old token without storing it.
//!
//! The secret of a token derives from its predecessor's, with a server key. So the server can return the successor of a
//! recently exchanged token again, although the store keeps only the SHA-256 of the newest one. Neither the hash nor
//! the key alone gives a token. [`fieldguard_domain::refresh_chain`] decides what a used token means.

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

/// The prefix by which secret scanners recognize a leaked token.
const PREFIX: &str = "fg_rt_";
/// The size of a key, and of the secret in a token, in bytes.
const SECRET_BYTES: usize = 32;
/// The size of the session identifier, the generation, the secret and the seal, in bytes.
const BYTES: usize = 16 + 4 + SECRET_BYTES + SEAL_BYTES;
const SEAL_BYTES: usize = 16;
/// The length of those bytes in base64url without padding.
const ENCODED: usize = 91;

/// The key that seals tokens and derives successors. All replicas share it.
pub struct RefreshKey(hmac::Key);

impl RefreshKey {
    /// Builds the key from the 32 bytes of [`RefreshKey::fresh`]. `None` for any other number of bytes.
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

    /// The successor of `token`. It is the same each time.
    #[must_use]
    pub fn next(&self, token: &RefreshToken) -> RefreshToken {
        let next = self.mac(*b"next", token.session, token.generation, &token.secret);
        self.seal(token.session, token.generation.saturating_add(1), next)
    }

    /// The successor of `token` with this generation, which is not before the token's own.
    #[must_use]
    pub fn successor(&self, token: RefreshToken, generation: u32) -> RefreshToken {
        (token.generation..generation).fold(token, |token, _| self.next(&token))
    }

    /// Parses a token that this key sealed. Each token has one spelling.
    #[must_use]
    pub fn open(&self, presented: &str) -> Option<RefreshToken> {
        let encoded = presented.strip_prefix(PREFIX).filter(|encoded| encoded.len() == ENCODED)?;
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

/// A refresh token in plain text, to or from the client.
pub struct RefreshToken {
    session: SessionId,
    generation: u32,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
    seal: [u8; SEAL_BYTES],
}

impl RefreshToken {
    /// The token's session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The token's position in the chain of the session; the first is 0.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The token in plain text, for the client: `fg_rt_` and 91 characters of base64url.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.extend_from_slice(self.session.uuid().as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&*self.secret);
        bytes.extend_from_slice(&self.seal);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes))
    }

    /// The value to store: the SHA-256 of the secret. A slow hash is unnecessary, because that many random bits cannot
    /// be guessed.
    ///
    /// # Panics
    ///
    /// Never: a SHA-256 hash has 32 bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(&SHA256, &*self.secret).as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }

    /// Whether `hash` is the hash of this token.
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
    fn a_token_opens_only_with_the_key_that_sealed_it() {
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
    fn a_token_has_one_successor() {
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
    fn a_changed_token_is_refused() {
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
