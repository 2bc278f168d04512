//! scrypt (RFC 7914) in PHC form and passlib's, and in the forms of Django, Werkzeug, Spring and better-auth.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use scrypt::Params;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{
    Foreign, Reading, UnsupportedHash,
    encoding::{base64, hex, named, number},
};

/// The supported logarithms of N.
const LOG_N: std::ops::RangeInclusive<u8> = 10..=20;
/// The maximum of N·r·p: 128 MiB of memory if p is 1, and less than a second.
const MAX_WORK: u64 = 1 << 20;
/// The supported salt sizes, in bytes.
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
/// The supported sizes of a hash, in bytes. A shorter one could match by chance.
const HASH_BYTES: std::ops::RangeInclusive<usize> = 16..=64;
const NAME: &str = "scrypt";
const LIMIT: &str = "N from 2^10 to 2^20 and N·r·p up to 2^20";
/// The size of the salt and of the key in a hash of better-auth, in hexadecimal digits, and its costs.
const BETTER_AUTH_DIGITS: (usize, usize) = (32, 128);
const BETTER_AUTH_COSTS: (u8, u32, u32) = (14, 16, 1);

/// A scrypt hash.
pub(in crate::hasher) struct Scrypt {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
    /// Whether the password is normalized to NFKC.
    is_compatible: bool,
}

impl Scrypt {
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.hash.len()]);
        let password = if self.is_compatible { compatible(password) } else { Zeroizing::new(password.to_vec()) };
        let done = scrypt::scrypt(&password, &self.salt, &self.params, &mut computed);
        done.is_ok() && verify_slices_are_equal(&computed, &self.hash).is_ok()
    }
}

/// The text in NFKC.
fn compatible(password: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = String::from_utf8_lossy(password);
    // Allocate enough at once: a growing string leaves copies behind. No character becomes more than 18 characters.
    let mut composed = String::with_capacity(text.len() * 18);
    composed.extend(text.nfkc());
    Zeroizing::new(composed.into_bytes())
}

pub(super) fn read(text: &str) -> Reading {
    if let Some(rest) = text.strip_prefix("$scrypt$") {
        return Some(phc(rest));
    }
    if let Some(rest) = text.strip_prefix("scrypt$") {
        return Some(django(rest));
    }
    if let Some(rest) = text.strip_prefix("scrypt:") {
        return Some(werkzeug(rest));
    }
    better_auth(text)
}

/// `ln=14,r=8,p=1$salt$hash`.
fn phc(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &[parameters, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    let parameter = |name| named(parameters, name).and_then(number);
    let log_n = parameter("ln").and_then(|log_n| u8::try_from(log_n).ok());
    from_parts(log_n, parameter("r"), parameter("p"), base64(salt), base64(hash))
}

/// `16384$salt$8$5$hash`, with the text of the salt itself.
fn django(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &[n, salt, r, p, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    from_parts(log_of(n), number(r), number(p), Some(salt.as_bytes().to_vec()), base64(hash))
}

/// `32768:8:1$salt$hash` in hexadecimal, with the text of the salt itself.
fn werkzeug(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split([':', '$']).collect();
    let &[n, r, p, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    from_parts(log_of(n), number(r), number(p), Some(salt.as_bytes().to_vec()), hex(hash))
}

/// `$e0801$salt$hash`: the logarithm of N, and two digits each for r and p, in hexadecimal.
pub(super) fn spring(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &["", costs, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    let costs = u32::from_str_radix(costs, 16).map_err(|_| UnsupportedHash::Malformed(NAME))?;
    let log_n = u8::try_from(costs >> 16).ok();
    from_parts(log_n, Some(costs >> 8 & 0xff), Some(costs & 0xff), base64(salt), base64(hash))
}

/// `salt:hash` in hexadecimal, with fixed costs. The salt is the text of its digits.
fn better_auth(text: &str) -> Reading {
    let (salt, hash) = text.split_once(':')?;
    let (bytes, (log_n, r, p)) = (hex(hash)?, BETTER_AUTH_COSTS);
    if (salt.len(), hash.len()) != BETTER_AUTH_DIGITS || hex(salt).is_none() {
        return None;
    }
    let scrypt = checked(log_n, r, p, salt.as_bytes().to_vec(), bytes);
    Some(scrypt.map(|scrypt| Foreign::Scrypt(Scrypt { is_compatible: true, ..scrypt })))
}

/// The logarithm of a power of two.
fn log_of(n: &str) -> Option<u8> {
    number(n).filter(|n| n.is_power_of_two()).and_then(|n| u8::try_from(n.ilog2()).ok())
}

/// A hash of parts that were read; `None` stands for one that is not well-formed.
fn from_parts(
    log_n: Option<u8>,
    r: Option<u32>,
    p: Option<u32>,
    salt: Option<Vec<u8>>,
    hash: Option<Vec<u8>>,
) -> Result<Foreign, UnsupportedHash> {
    let (Some(log_n), Some(r), Some(p), Some(salt), Some(hash)) = (log_n, r, p, salt, hash) else {
        return Err(UnsupportedHash::Malformed(NAME));
    };
    checked(log_n, r, p, salt, hash).map(Foreign::Scrypt)
}

fn checked(log_n: u8, r: u32, p: u32, salt: Vec<u8>, hash: Vec<u8>) -> Result<Scrypt, UnsupportedHash> {
    if !SALT_BYTES.contains(&salt.len()) || !HASH_BYTES.contains(&hash.len()) {
        return Err(UnsupportedHash::Cost(NAME, "a salt of 8 to 64 bytes and a hash of 16 to 64 bytes"));
    }
    Ok(Scrypt { params: params(log_n, r, p)?, salt, hash, is_compatible: false })
}

/// Parameters within the limits.
pub(super) fn params(log_n: u8, r: u32, p: u32) -> Result<Params, UnsupportedHash> {
    let affordable = LOG_N.contains(&log_n) && (u64::from(r) * u64::from(p)).saturating_mul(1 << log_n) <= MAX_WORK;
    let params = affordable.then(|| Params::new(log_n, r, p).ok()).flatten();
    params.ok_or(UnsupportedHash::Cost(NAME, LIMIT))
}
