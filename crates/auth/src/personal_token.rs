//! Personal access tokens as their holders have them: `fg_pat_` and 72 characters of base64url, which spell 16 bytes of
//! identifier, 256 random bits and a checksum. The store keeps the SHA-256 of the random bits only.
//!
//! The checksum is for scanners of sources and logs, which tell a token from what merely looks like one without asking
//! anybody: a token matches `fg_pat_[A-Za-z0-9_-]{72}`, and its last 8 characters are the first 8 of the base64url of the
//! SHA-256 of the 71 characters before them. It also spares the database a question for what was mistyped. It proves
//! nothing: whoever knows this page can make one.
//!
//! What a token may do, and until when it is good, is for the store to know.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;
use zeroize::Zeroizing;

use fieldguard_domain::id::AccessTokenId;

/// Lets secret scanners, and this server, recognize a token.
const PREFIX: &str = "fg_pat_";
const SECRET_BYTES: usize = 32;
/// Identifier and secret in base64url. 48 bytes leave no bits to spare, so that a token has one spelling.
const BODY: usize = 64;
/// Characters of the checksum.
const CHECKSUM: usize = 8;

/// A personal access token in the clear, on its way to the client or from it.
pub struct PersonalToken {
    id: AccessTokenId,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl PersonalToken {
    /// A new token of that name.
    #[must_use]
    pub fn new(id: AccessTokenId) -> Self {
        Self { id, secret: Zeroizing::new(super::random()) }
    }

    /// Does the text claim to be one? Nothing else that comes in an `Authorization` header begins so.
    #[must_use]
    pub fn is_meant(presented: &str) -> bool {
        presented.starts_with(PREFIX)
    }

    /// The token that `presented` spells; nothing where that is none. Each token has one spelling.
    #[must_use]
    pub fn parse(presented: &str) -> Option<Self> {
        let encoded = presented.strip_prefix(PREFIX).filter(|it| it.len() == BODY + CHECKSUM)?;
        let (body, sum) = encoded.split_at_checked(BODY)?;
        if checksum(&presented[..PREFIX.len() + BODY]) != sum {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
        let (id, secret) = bytes.split_first_chunk::<16>()?;
        let id = AccessTokenId::from(Uuid::from_bytes(*id));
        Some(Self { id, secret: Zeroizing::new(*secret.first_chunk()?) })
    }

    /// Names the token. It is no secret.
    #[must_use]
    pub const fn id(&self) -> AccessTokenId {
        self.id
    }

    /// The token as its holder gets it.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 + SECRET_BYTES));
        bytes.extend_from_slice(self.id.uuid().as_bytes());
        bytes.extend_from_slice(&*self.secret);
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes));
        let sum = checksum(&token);
        token + &sum
    }

    /// What the store keeps: the SHA-256 of the random bytes.
    ///
    /// # Panics
    ///
    /// Never: SHA-256 gives 32 bytes.
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
        PersonalToken::new(AccessTokenId::new(DateTime::UNIX_EPOCH))
    }

    #[test]
    fn is_read_as_it_was_written() {
        let token = token();
        let text = token.expose();
        assert!(text.len() == 79 && PersonalToken::is_meant(&text), "{text}");
        let read = PersonalToken::parse(&text).unwrap();
        assert_eq!((read.id(), read.hash()), (token.id(), token.hash()));
        assert_ne!(token.hash(), PersonalToken::new(token.id()).hash());
        assert!(!format!("{token:?}").contains(&text[29..]));
    }

    #[test]
    fn has_the_checksum_that_scanners_know() {
        // What `printf %s TOKEN | head -c 71 | openssl dgst -sha256 -binary | base64` begins with.
        let body = "fg_pat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(body.len(), 71);
        assert_eq!(checksum(body), "kv3g-OoD");
        assert!(PersonalToken::parse(&format!("{body}{}", checksum(body))).is_some());
    }

    #[test]
    fn takes_no_change() {
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
