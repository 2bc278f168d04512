//! The scrypt of Firebase Authentication: the derived key encrypts a key of the project (AES-256 in counter mode).
//!
//! `$firebase-scrypt$m=14,r=8,ss=Bw==,sk=…$salt$hash` holds the project's parameters too: `m` is `mem_cost`, `r`
//! `rounds`, `ss` `salt_separator` and `sk` `signer_key`, as the console shows them.

use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    iv::FixedLength,
};
use scrypt::Params;
use zeroize::Zeroizing;

use super::{
    Foreign, Reading, UnsupportedHash,
    encoding::{base64, named, number},
    scrypt::params,
};

/// The size of the AES key, in bytes. It is the first part of the derived key.
const KEY_BYTES: usize = 32;
/// The supported sizes of the project's key, in bytes.
const SIGNER_KEY_BYTES: std::ops::RangeInclusive<usize> = 32..=64;
/// The supported sizes of salt and separator together, in bytes.
const SALT_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
const NAME: &str = "the scrypt of Firebase";

/// A hash of Firebase.
pub(in crate::hasher) struct Firebase {
    params: Params,
    /// The user's salt and the project's separator.
    salt: Vec<u8>,
    /// The key of the project.
    signer_key: Vec<u8>,
    /// The encrypted key.
    hash: Vec<u8>,
}

impl Firebase {
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if scrypt::scrypt(password, &self.salt, &self.params, &mut *key).is_err() {
            return false;
        }
        decrypted(&*key, &self.hash).is_some_and(|text| verify_slices_are_equal(&text, &self.signer_key).is_ok())
    }
}

/// The text, decrypted from a counter of zero.
fn decrypted(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let key = DecryptingKey::ctr(UnboundCipherKey::new(&AES_256, key).ok()?).ok()?;
    let mut text = text.to_vec();
    key.decrypt(&mut text, DecryptionContext::Iv128(FixedLength::from([0; 16]))).ok()?;
    Some(text)
}

pub(super) fn read(text: &str) -> Reading {
    text.strip_prefix("$firebase-scrypt$").map(|rest| parse(rest).unwrap_or(Err(UnsupportedHash::Malformed(NAME))))
}

fn parse(text: &str) -> Option<Result<Foreign, UnsupportedHash>> {
    let parts: Vec<_> = text.split('$').collect();
    let &[parameters, salt, hash] = &parts[..] else { return None };
    let log_n = u8::try_from(named(parameters, "m").and_then(number)?).ok()?;
    let rounds = named(parameters, "r").and_then(number)?;
    let (separator, signer_key) = (base64(named(parameters, "ss")?)?, base64(named(parameters, "sk")?)?);
    let (salt, hash) = ([base64(salt)?, separator].concat(), base64(hash)?);
    let fits = SALT_BYTES.contains(&salt.len()) && SIGNER_KEY_BYTES.contains(&signer_key.len());
    if !fits || hash.len() != signer_key.len() {
        return None;
    }
    Some(params(log_n, rounds, 1).map(|params| Foreign::Firebase(Firebase { params, salt, signer_key, hash })))
}
