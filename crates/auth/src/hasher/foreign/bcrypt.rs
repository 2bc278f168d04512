//! bcrypt in modular-crypt form, and the forms that hash the password before bcrypt reads 72 bytes of it: those of
//! Django and passlib (`bcrypt_sha256`) and of `WordPress` 6.8 (`$wp$2y$`).

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hmac::{self, HMAC_SHA256, HMAC_SHA384},
};
use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, general_purpose::STANDARD},
};
use zeroize::Zeroizing;

use super::{
    Foreign, Reading, UnsupportedHash,
    encoding::{UNPADDED, named, number},
};

/// The supported costs, as powers of two. 14 takes about a second.
const COSTS: std::ops::RangeInclusive<u32> = 4..=14;
/// The number of bytes that bcrypt reads of a password.
const KEY_BYTES: usize = 72;
/// The number of bytes that bcrypt keeps of its 24-byte result.
const HASH_BYTES: usize = 23;
/// The key of the HMAC of `WordPress`.
const WORDPRESS_KEY: &[u8] = b"wp-sha384";
const NAME: &str = "bcrypt";

/// 22 characters hold four bits more than a salt. Some programs set those bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, UNPADDED.with_decode_allow_trailing_bits(true));

/// A bcrypt hash.
pub(in crate::hasher) struct Bcrypt {
    cost: u32,
    salt: [u8; 16],
    hash: Vec<u8>,
    before: Before,
}

/// What is hashed in place of the password.
enum Before {
    Nothing,
    /// SHA-256, in hexadecimal.
    Hex,
    /// SHA-256, in Base64.
    Base64,
    /// HMAC with this key, in Base64.
    Hmac(Box<hmac::Key>),
}

impl Bcrypt {
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let password = self.before.applied_to(password);
        // Allocate the full size at once: a growing vector leaves copies behind.
        let mut key = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
        key.extend(password.iter().take(KEY_BYTES));
        key.push(0);
        key.truncate(KEY_BYTES);
        let computed = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, &key));
        let same = verify_slices_are_equal(&computed[..HASH_BYTES], &self.hash).is_ok();
        same && password.len() <= KEY_BYTES
    }
}

impl Before {
    fn applied_to(&self, password: &[u8]) -> Zeroizing<Vec<u8>> {
        let text = match self {
            Self::Nothing => return Zeroizing::new(password.to_vec()),
            Self::Hex => hexadecimal(digest(&SHA256, password).as_ref()),
            Self::Base64 => STANDARD.encode(digest(&SHA256, password)),
            Self::Hmac(key) => STANDARD.encode(hmac::sign(key, password)),
        };
        Zeroizing::new(text.into_bytes())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

pub(super) fn read(text: &str) -> Reading {
    if let Some(inner) = text.strip_prefix("bcrypt_sha256$") {
        return Some(plain(inner, Before::Hex));
    }
    if let Some(inner) = text.strip_prefix("$bcrypt-sha256$") {
        return Some(passlib(inner));
    }
    if let Some(inner) = text.strip_prefix("$wp").filter(|inner| inner.starts_with("$2")) {
        return Some(plain(inner, Before::Hmac(Box::new(hmac::Key::new(HMAC_SHA384, WORDPRESS_KEY)))));
    }
    let inner = text.strip_prefix("bcrypt$").unwrap_or(text);
    ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| inner.starts_with(prefix)).then(|| plain(inner, Before::Nothing))
}

/// `$2b$12$` and 22 characters of salt, 31 of hash; `$2a$` and `$2y$` mean the same since 2011.
fn plain(text: &str, before: Before) -> Result<Foreign, UnsupportedHash> {
    let malformed = UnsupportedHash::Malformed(NAME);
    let rest = ["$2a$", "$2b$", "$2y$"].into_iter().find_map(|prefix| text.strip_prefix(prefix)).ok_or(malformed)?;
    let (cost, rest) = rest.split_once('$').filter(|(cost, _)| cost.len() == 2).ok_or(malformed)?;
    let (salt, hash) = rest.split_at_checked(22).ok_or(malformed)?;
    checked(number(cost), salt, hash, before)
}

/// `$bcrypt-sha256$v=2,t=2b,r=12$salt$hash`, and `$bcrypt-sha256$2b,12$salt$hash` before passlib 1.7.3.
fn passlib(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let &[parameters, salt, hash] = &parts[..] else { return Err(UnsupportedHash::Malformed(NAME)) };
    match parameters.strip_prefix("2b,").or_else(|| parameters.strip_prefix("2a,")) {
        Some(cost) => checked(number(cost), salt, hash, Before::Base64),
        None if named(parameters, "v") == Some("2") => {
            let key = hmac::Key::new(HMAC_SHA256, salt.as_bytes());
            checked(named(parameters, "r").and_then(number), salt, hash, Before::Hmac(Box::new(key)))
        }
        None => Err(UnsupportedHash::Malformed(NAME)),
    }
}

fn checked(cost: Option<u32>, salt: &str, hash: &str, before: Before) -> Result<Foreign, UnsupportedHash> {
    let malformed = UnsupportedHash::Malformed(NAME);
    let cost = cost.ok_or(malformed)?;
    let salt = BASE64.decode(salt).ok().and_then(|salt| salt.try_into().ok()).ok_or(malformed)?;
    let hash = BASE64.decode(hash).ok().filter(|hash| hash.len() == HASH_BYTES).ok_or(malformed)?;
    if !COSTS.contains(&cost) {
        return Err(UnsupportedHash::Cost(NAME, "a cost of 4 to 14"));
    }
    Ok(Foreign::Bcrypt(Bcrypt { cost, salt, hash, before }))
}
