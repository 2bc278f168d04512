//! PBKDF2 (RFC 8018) with SHA-1, SHA-256 or SHA-512, in PHC form and in the forms of passlib, Django and Werkzeug.

use std::num::NonZero;

use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};

use super::{
    Foreign, Reading, UnsupportedHash,
    encoding::{base64, hex, number},
};

/// The supported iterations: from the minimum of RFC 8018 to about a second.
const ITERATIONS: std::ops::RangeInclusive<u32> = 1_000..=3_000_000;
/// The supported salt sizes, in bytes.
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
/// The supported sizes of a hash, in bytes. A shorter one could match by chance.
const HASH_BYTES: std::ops::RangeInclusive<usize> = 16..=64;
const NAME: &str = "PBKDF2";

/// A PBKDF2 hash.
pub(in crate::hasher) struct Pbkdf2 {
    algorithm: pbkdf2::Algorithm,
    iterations: NonZero<u32>,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// The hash function of the HMAC.
#[derive(Clone, Copy)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    fn named(name: &str) -> Option<Self> {
        match name {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Pbkdf2 {
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        pbkdf2::verify(self.algorithm, self.iterations, &self.salt, password, &self.hash).is_ok()
    }
}

pub(super) fn read(text: &str) -> Reading {
    if text.starts_with("$pbkdf2-") || text.starts_with("$pbkdf2$") {
        return Some(phc(text));
    }
    if text.starts_with("pbkdf2_") {
        return Some(django(text));
    }
    text.strip_prefix("pbkdf2:").map(werkzeug)
}

/// `$pbkdf2-sha256$i=600000,l=32$salt$hash` in PHC form, `$pbkdf2-sha256$600000$salt$hash` in passlib's, which names
/// no digest for SHA-1.
fn phc(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &["", name, rounds, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    let digest = name.strip_prefix("pbkdf2-").map_or(Some(Digest::Sha1), Digest::named);
    let hash = base64(hash);
    let rounds = hash.as_ref().and_then(|hash| iterations(rounds, hash.len()));
    from_parts(digest, rounds, base64(salt), hash)
}

/// `pbkdf2_sha256$600000$salt$hash`, which uses the text of the salt itself.
fn django(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &[name, rounds, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    let digest = name.strip_prefix("pbkdf2_").and_then(Digest::named);
    from_parts(digest, number(rounds), Some(salt.as_bytes().to_vec()), base64(hash))
}

/// `pbkdf2:sha256:1000000$salt$hash` in hexadecimal, with the text of the salt itself. This takes what follows the
/// first colon.
fn werkzeug(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &[method, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    let (digest, rounds) = method.split_once(':').ok_or(UnsupportedHash::Malformed(NAME))?;
    from_parts(Digest::named(digest), number(rounds), Some(salt.as_bytes().to_vec()), hex(hash))
}

/// A hash of parts that were read; `None` stands for one that is not well-formed.
fn from_parts(
    digest: Option<Digest>,
    iterations: Option<u32>,
    salt: Option<Vec<u8>>,
    hash: Option<Vec<u8>>,
) -> Result<Foreign, UnsupportedHash> {
    let (Some(digest), Some(iterations), Some(salt), Some(hash)) = (digest, iterations, salt, hash) else {
        return Err(UnsupportedHash::Malformed(NAME));
    };
    checked(digest, iterations, salt, hash)
}

/// A hash within the limits.
pub(super) fn checked(
    digest: Digest,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
) -> Result<Foreign, UnsupportedHash> {
    if !SALT_BYTES.contains(&salt.len()) || !HASH_BYTES.contains(&hash.len()) {
        return Err(UnsupportedHash::Cost(NAME, "a salt of 8 to 64 bytes and a hash of 16 to 64 bytes"));
    }
    // Each block of the digest's size takes all the iterations.
    let blocks = u32::try_from(hash.len().div_ceil(digest.bytes())).unwrap_or(u32::MAX);
    let affordable = iterations.saturating_mul(blocks) <= *ITERATIONS.end();
    let iterations = NonZero::new(iterations).filter(|count| affordable && ITERATIONS.contains(&count.get()));
    let limit = "1,000 to 3,000,000 iterations, counted for each block of the digest's size";
    let iterations = iterations.ok_or(UnsupportedHash::Cost(NAME, limit))?;
    let algorithm = match digest {
        Digest::Sha1 => PBKDF2_HMAC_SHA1,
        Digest::Sha256 => PBKDF2_HMAC_SHA256,
        Digest::Sha512 => PBKDF2_HMAC_SHA512,
    };
    Ok(Foreign::Pbkdf2(Pbkdf2 { algorithm, iterations, salt, hash }))
}

/// `600000`, `i=600000`, or `i=600000,l=32`, where the second is the length of the hash.
fn iterations(text: &str, hash_bytes: usize) -> Option<u32> {
    let Some(named) = text.strip_prefix("i=") else { return number(text) };
    let Some((iterations, length)) = named.split_once(",l=") else { return number(named) };
    let length = usize::try_from(number(length)?).ok()?;
    number(iterations).filter(|_| length == hash_bytes)
}
