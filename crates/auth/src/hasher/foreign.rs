//! Hashes that other systems made and this one never makes: bcrypt, in modular-crypt form, and PBKDF2, in PHC form, passlib's
//! and Django's. Only what this server can afford is read: whoever brings hashes over must not choose how much a sign-in
//! costs.
//!
//! Both algorithms take some passwords for one another: bcrypt reads 72 bytes and takes a zero byte for the end, and
//! PBKDF2 takes zero bytes at the end for none. Here no password matches that is longer, or has a zero byte in it.

use std::num::NonZero;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    pbkdf2::{self, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512},
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use fieldguard_domain::password::{Password, PasswordHash};

/// The costs of bcrypt that are computed, as powers of two. 14 takes about a second.
const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=14;
/// What bcrypt reads of a password, in bytes.
const BCRYPT_KEY_BYTES: usize = 72;
/// What bcrypt keeps of its 24 bytes.
const BCRYPT_HASH_BYTES: usize = 23;
/// The iterations of PBKDF2 that are computed: from what RFC 8018 asks for, to about a second.
const ITERATIONS: std::ops::RangeInclusive<u32> = 1_000..=3_000_000;
/// Bytes of a salt of PBKDF2.
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
/// Shortest hash of PBKDF2, in bytes. A shorter one could be met by chance.
const MIN_HASH_BYTES: usize = 16;
/// Longest text that is looked at.
const MAX_TEXT_BYTES: usize = 512;

/// 22 characters have room for four bits more than a salt; some programs leave something there.
const BCRYPT_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::BCRYPT, UNPADDED.with_decode_allow_trailing_bits(true));
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, UNPADDED);
const UNPADDED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// A hash that can be computed again.
pub(super) enum Foreign {
    Bcrypt { cost: u32, salt: [u8; 16], hash: Vec<u8> },
    Pbkdf2 { algorithm: pbkdf2::Algorithm, iterations: NonZero<u32>, salt: Vec<u8>, hash: Vec<u8> },
}

impl Foreign {
    /// Is it the hash of that password? Costs the same for every password.
    pub(super) fn matches(&self, password: &Password) -> bool {
        let password = password.expose();
        let same = match self {
            Self::Bcrypt { cost, salt, hash } => {
                // Room for all of it at once: a vector that grows would leave copies behind.
                let mut key = Zeroizing::new(Vec::with_capacity(BCRYPT_KEY_BYTES + 1));
                key.extend(password.iter().take(BCRYPT_KEY_BYTES));
                key.push(0);
                key.truncate(BCRYPT_KEY_BYTES);
                let computed = Zeroizing::new(bcrypt::bcrypt(*cost, *salt, &key));
                let same = verify_slices_are_equal(&computed[..BCRYPT_HASH_BYTES], hash).is_ok();
                same && password.len() <= BCRYPT_KEY_BYTES
            }
            Self::Pbkdf2 { algorithm, iterations, salt, hash } => {
                pbkdf2::verify(*algorithm, *iterations, salt, password, hash).is_ok()
            }
        };
        same && !password.contains(&0)
    }
}

/// What `stored` says; nothing where it is in no form known here, or costs too much.
pub(super) fn read(stored: &PasswordHash) -> Option<Foreign> {
    let text = stored.as_phc();
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    read_bcrypt(text).or_else(|| read_pbkdf2(text))
}

/// `$2b$12$` and 22 characters of salt, 31 of hash; `$2a$` and `$2y$` mean the same since 2011.
fn read_bcrypt(text: &str) -> Option<Foreign> {
    let rest = ["$2a$", "$2b$", "$2y$"].into_iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let (cost, rest) = rest.split_once('$').filter(|(cost, _)| cost.len() == 2)?;
    let cost = number(cost).filter(|it| BCRYPT_COSTS.contains(it))?;
    let (salt, hash) = rest.split_at_checked(22)?;
    let salt = BCRYPT_BASE64.decode(salt).ok()?.try_into().ok()?;
    let hash = BCRYPT_BASE64.decode(hash).ok().filter(|it| it.len() == BCRYPT_HASH_BYTES)?;
    Some(Foreign::Bcrypt { cost, salt, hash })
}

/// `$pbkdf2-sha256$i=600000,l=32$salt$hash` as PHC has it, `$pbkdf2-sha256$600000$salt$hash` as passlib has it, and
/// `pbkdf2_sha256$600000$salt$hash` as Django has it, where the salt is taken as it is written.
fn read_pbkdf2(text: &str) -> Option<Foreign> {
    let parts: Vec<_> = text.split('$').collect();
    let (name, rounds, salt, hash) = match parts[..] {
        ["", name, rounds, salt, hash] => (name.strip_prefix("pbkdf2-")?, rounds, decode(salt)?, decode(hash)?),
        [name, rounds, salt, hash] => {
            (name.strip_prefix("pbkdf2_")?, rounds, salt.as_bytes().to_vec(), BASE64.decode(hash).ok()?)
        }
        _ => return None,
    };
    let (algorithm, digest_bytes) = match name {
        "sha256" => (PBKDF2_HMAC_SHA256, 32),
        "sha512" => (PBKDF2_HMAC_SHA512, 64),
        _ => return None,
    };
    let iterations = iterations(rounds, hash.len()).filter(|it| ITERATIONS.contains(it))?;
    // A hash longer than the digest takes as many times the iterations.
    let fits = SALT_BYTES.contains(&salt.len()) && (MIN_HASH_BYTES..=digest_bytes).contains(&hash.len());
    let iterations = NonZero::new(iterations).filter(|_| fits)?;
    Some(Foreign::Pbkdf2 { algorithm, iterations, salt, hash })
}

/// `600000`, `i=600000`, or `i=600000,l=32`, where the second is the length of the hash.
fn iterations(text: &str, hash_bytes: usize) -> Option<u32> {
    let Some(named) = text.strip_prefix("i=") else { return number(text) };
    let Some((iterations, length)) = named.split_once(",l=") else { return number(named) };
    let length = usize::try_from(number(length)?).ok()?;
    number(iterations).filter(|_| length == hash_bytes)
}

/// Base64 with or without padding; passlib writes a dot for the plus.
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok()
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests;
