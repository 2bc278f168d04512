//! The portable hashes of phpass: `$P$` of `WordPress` before 6.8, `$H$` of phpBB. They iterate a salted MD5.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::{Foreign, Reading, UnsupportedHash};

/// The digits, by value.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The supported iterations, as powers of two. `WordPress` has 13, phpass allows up to 30. 20 takes less than a second.
const LOG_ITERATIONS: std::ops::RangeInclusive<u8> = 11..=20;
const SALT_CHARACTERS: usize = 8;
/// The number of characters of 16 bytes.
const HASH_CHARACTERS: usize = 22;
const NAME: &str = "phpass";

/// A portable hash of phpass.
pub(in crate::hasher) struct Phpass {
    log_iterations: u8,
    salt: Vec<u8>,
    /// The hash, as text.
    hash: Vec<u8>,
}

impl Phpass {
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let round = |before: &[u8]| {
            Zeroizing::new(<[u8; 16]>::from(Md5::new().chain_update(before).chain_update(password).finalize()))
        };
        let mut hash = round(&self.salt);
        for _ in 0..1_u32 << self.log_iterations {
            hash = round(&*hash);
        }
        verify_slices_are_equal(&encoded(&*hash), &self.hash).is_ok()
    }
}

pub(super) fn read(text: &str) -> Reading {
    let rest = text.strip_prefix("$P$").or_else(|| text.strip_prefix("$H$"))?;
    Some(parse(rest.as_bytes()))
}

fn parse(text: &[u8]) -> Result<Foreign, UnsupportedHash> {
    let malformed = UnsupportedHash::Malformed(NAME);
    let is_written =
        text.len() == 1 + SALT_CHARACTERS + HASH_CHARACTERS && text.iter().all(|byte| DIGITS.contains(byte));
    let (cost, rest) = text.split_first().filter(|_| is_written).ok_or(malformed)?;
    let cost =
        DIGITS.iter().position(|digit| digit == cost).and_then(|cost| u8::try_from(cost).ok()).ok_or(malformed)?;
    if !LOG_ITERATIONS.contains(&cost) {
        return Err(UnsupportedHash::Cost(NAME, "2^11 to 2^20 iterations"));
    }
    let (salt, hash) = rest.split_at(SALT_CHARACTERS);
    Ok(Foreign::Phpass(Phpass { log_iterations: cost, salt: salt.to_vec(), hash: hash.to_vec() }))
}

/// The bytes in phpass's digits: three bytes in four digits, the lowest first.
fn encoded(bytes: &[u8]) -> Vec<u8> {
    let group = |group: &[u8]| {
        let value = group.iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        (0..=group.len()).map(move |digit| DIGITS[value >> (6 * digit) & 63])
    };
    bytes.chunks(3).flat_map(group).collect()
}
