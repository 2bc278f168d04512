//! Password hashes of other systems, which this server verifies and never creates: bcrypt, in modular-crypt form, and
//! PBKDF2, in PHC form and in the forms of passlib and Django. Costs are limited: an import must not decide how much a
//! sign-in costs.
//!
//! Both algorithms accept several passwords for one hash: bcrypt reads 72 bytes and stops at a zero byte, and PBKDF2
//! ignores zero bytes at the end. Here, a password that is longer or contains a zero byte never matches.

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

/// The supported costs of bcrypt, as powers of two. 14 takes about a second.
const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=14;
/// The number of bytes that bcrypt reads of a password.
const BCRYPT_KEY_BYTES: usize = 72;
/// The number of bytes that bcrypt keeps of its 24-byte result.
const BCRYPT_HASH_BYTES: usize = 23;
/// The supported iterations of PBKDF2: from the minimum of RFC 8018 to about a second.
const ITERATIONS: std::ops::RangeInclusive<u32> = 1_000..=3_000_000;
/// The supported salt sizes of PBKDF2, in bytes.
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
/// Minimum size of a PBKDF2 hash, in bytes. A shorter one could match by chance.
const MIN_HASH_BYTES: usize = 16;
/// Maximum length of the text.
const MAX_TEXT_BYTES: usize = 512;

/// 22 characters hold four bits more than a salt. Some programs set those bits.
const BCRYPT_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::BCRYPT, UNPADDED.with_decode_allow_trailing_bits(true));
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, UNPADDED);
const UNPADDED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// A hash of another system that this server can verify.
pub(super) enum Foreign {
    Bcrypt { cost: u32, salt: [u8; 16], hash: Vec<u8> },
    Pbkdf2 { algorithm: pbkdf2::Algorithm, iterations: NonZero<u32>, salt: Vec<u8>, hash: Vec<u8> },
}

impl Foreign {
    /// Whether it is the hash of this password. Costs the same for every password.
    pub(super) fn matches(&self, password: &Password) -> bool {
        let password = password.expose();
        let same = match self {
            Self::Bcrypt { cost, salt, hash } => {
                // Allocate the full size at once: a growing vector leaves copies behind.
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

/// Parses a stored hash. `None` if its form is unknown or its cost is too high.
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
    let cost = number(cost).filter(|cost| BCRYPT_COSTS.contains(cost))?;
    let (salt, hash) = rest.split_at_checked(22)?;
    let salt = BCRYPT_BASE64.decode(salt).ok()?.try_into().ok()?;
    let hash = BCRYPT_BASE64.decode(hash).ok().filter(|hash| hash.len() == BCRYPT_HASH_BYTES)?;
    Some(Foreign::Bcrypt { cost, salt, hash })
}

/// `$pbkdf2-sha256$i=600000,l=32$salt$hash` in PHC form, `$pbkdf2-sha256$600000$salt$hash` in passlib's, and
/// `pbkdf2_sha256$600000$salt$hash` in Django's, which uses the text of the salt itself.
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
    let iterations = iterations(rounds, hash.len()).filter(|iterations| ITERATIONS.contains(iterations))?;
    // A hash longer than the digest multiplies the iterations.
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

/// Base64 with or without padding; passlib writes `.` for `+`.
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok()
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests;
