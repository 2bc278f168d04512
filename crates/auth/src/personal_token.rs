//! The format of personal access tokens: `fg_pat_` and 72 characters of base64url, which encode 16 bytes of identifier,
//! 256 random bits and a checksum. The store keeps only the SHA-256 of the random bits.
//!
//! The checksum lets scanners of source code and logs recognize a token offline: a token matches
//! `fg_pat_[A-Za-z0-9_-]{72}`, and its last 8 characters are the first 8 of the base64url of the SHA-256 of the 71
//! characters before them. It also saves a database query for a mistyped token. It is not a proof: anyone can compute
//! it.
//!
//! The store knows what a token permits and when it expires.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;
use zeroize::Zeroizing;

use fieldguard_domain::id::PersonalAccessTokenId;

/// The prefix by which secret scanners, and this server, recognize a token.
const PREFIX: &str = "fg_pat_";
const SECRET_BYTES: usize = 32;
/// The length of identifier and secret in base64url. 48 bytes leave no spare bits, so a token has one spelling.
const BODY: usize = 64;
/// The length of the checksum, in characters.
const CHECKSUM: usize = 8;

/// A personal access token in plain text, to or from the client.
pub struct PersonalToken {
    id: PersonalAccessTokenId,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl PersonalToken {
    /// A new token with a random secret.
    #[must_use]
    pub fn new(id: PersonalAccessTokenId) -> Self {
        Self { id, secret: Zeroizing::new(super::random()) }
    }

    /// Whether the text has the prefix of a personal access token. No other credential in an `Authorization` header has
    /// it.
    #[must_use]
    pub fn is_meant(presented: &str) -> bool {
        presented.starts_with(PREFIX)
    }

    /// Parses a token. `None` if the text is not one. Each token has one spelling.
    #[must_use]
    pub fn parse(presented: &str) -> Option<Self> {
        let encoded = presented.strip_prefix(PREFIX).filter(|encoded| encoded.len() == BODY + CHECKSUM)?;
        let (body, sum) = encoded.split_at_checked(BODY)?;
        if checksum(&presented[..PREFIX.len() + BODY]) != sum {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
        let (id, secret) = bytes.split_first_chunk::<16>()?;
        let id = PersonalAccessTokenId::from(Uuid::from_bytes(*id));
        Some(Self { id, secret: Zeroizing::new(*secret.first_chunk()?) })
    }

    /// The token's identifier, which is not secret.
    #[must_use]
    pub const fn id(&self) -> PersonalAccessTokenId {
        self.id
    }

    /// The token in plain text, for the account owner.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 + SECRET_BYTES));
        bytes.extend_from_slice(self.id.uuid().as_bytes());
        bytes.extend_from_slice(&*self.secret);
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes));
        let sum = checksum(&token);
        token + &sum
    }

    /// The value to store: the SHA-256 of the random bytes.
    ///
    /// # Panics
    ///
    /// Never: a SHA-256 hash has 32 bytes.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(&SHA256, &*self.secret).as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }
}

fn checksum(text: &str) -> String {
    let mut encoded = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
    encoded.truncate(CHECKSUM);
    encoded
}

impl fmt::Debug for PersonalToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalToken(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn token() -> PersonalToken {
        PersonalToken::new(PersonalAccessTokenId::new(DateTime::UNIX_EPOCH))
    }

    #[test]
    fn a_token_round_trips() {
        let token = token();
        let text = token.expose();
        assert!(text.len() == 79 && PersonalToken::is_meant(&text), "{text}");
        let read = PersonalToken::parse(&text).unwrap();
        assert_eq!((read.id(), read.hash()), (token.id(), token.hash()));
        assert_ne!(token.hash(), PersonalToken::new(token.id()).hash());
        assert!(!format!("{token:?}").contains(&text[29..]));
    }

    #[test]
    fn the_checksum_has_the_documented_form() {
        // The beginning of the output of `printf %s TOKEN | head -c 71 | openssl dgst -sha256 -binary | base64`.
        let body = "fg_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(body.len(), 71);
        assert_eq!(checksum(body), "kv3g-OoD");
        assert!(PersonalToken::parse(&format!("{body}{}", checksum(body))).is_some());
    }

    #[test]
    fn a_changed_token_is_refused() {
        let text = token().expose();
        for index in 0..text.len() {
            let other = if text.as_bytes()[index] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..index], &text[index + 1..]);
            assert!(PersonalToken::parse(&changed).is_none(), "a change at {index} goes unnoticed");
        }
        let (long, wide) = (format!("{PREFIX}{}", "A".repeat(1_000_000)), format!("{PREFIX}{}", "é".repeat(36)));
        let others = ["", PREFIX, &text[7..], &text[..78], &format!("{text}="), &format!(" {text}"), &long, &wide];
        for other in others {
            assert!(PersonalToken::parse(other).is_none(), "{other:.90}");
        }
    }
}
