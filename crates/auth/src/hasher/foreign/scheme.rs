//! Hashes with the scheme in braces before them: `{bcrypt}…` of Spring, `{BLF-CRYPT}…` of Dovecot.

use super::{
    Foreign, Reading, UnsupportedHash, bcrypt,
    encoding::{base64, hex, number},
    pbkdf2::{self, Digest},
    scrypt,
};

/// PBKDF2 as Spring has it by default before 5.8 and since then: the digest, its iterations, and the size of the salt.
const SPRING_5_5: (Digest, u32, usize) = (Digest::Sha1, 185_000, 8);
const SPRING_5_8: (Digest, u32, usize) = (Digest::Sha256, 310_000, 16);
/// The size of Spring's PBKDF2 hash, in bytes.
const SPRING_HASH_BYTES: usize = 32;
const PBKDF2: &str = "PBKDF2";

pub(super) fn read(text: &str) -> Reading {
    let (name, inner) = split(text)?;
    match name.as_str() {
        "bcrypt" | "blf-crypt" | "crypt" => bcrypt::read(inner),
        "scrypt" => Some(scrypt::spring(inner)),
        "pbkdf2" => Some(inner.strip_prefix("$1$").map_or_else(|| spring_pbkdf2(inner), dovecot_pbkdf2)),
        _ => None,
    }
}

/// The Argon2 hash in the text.
pub(super) fn argon2(text: &str) -> Option<&str> {
    split(text).filter(|(name, _)| name.starts_with("argon2")).map(|(_, inner)| inner)
}

/// The name in braces, in lower case and without the version that Spring adds, and what follows.
fn split(text: &str) -> Option<(String, &str)> {
    let (name, inner) = text.strip_prefix('{')?.split_once('}')?;
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    // The encoding that Dovecot can name, `.b64` or `.hex`, is not supported.
    Some((name.to_ascii_lowercase(), inner))
}

/// Salt and hash in one, in hexadecimal. The size tells the version.
fn spring_pbkdf2(text: &str) -> Result<Foreign, UnsupportedHash> {
    let mut salt = hex(text).or_else(|| base64(text)).ok_or(UnsupportedHash::Malformed(PBKDF2))?;
    let versions = [SPRING_5_5, SPRING_5_8];
    let version = versions.into_iter().find(|(_, _, salt_bytes)| salt.len() == salt_bytes + SPRING_HASH_BYTES);
    let (digest, iterations, salt_bytes) = version.ok_or(UnsupportedHash::Malformed(PBKDF2))?;
    let hash = salt.split_off(salt_bytes);
    pbkdf2::checked(digest, iterations, salt, hash)
}

/// `salt$5000$hash`, with SHA-1, the text of the salt itself, and the hash in hexadecimal.
fn dovecot_pbkdf2(text: &str) -> Result<Foreign, UnsupportedHash> {
    let parts: Vec<_> = text.split('$').collect();
    let malformed = UnsupportedHash::Malformed(PBKDF2);
    let &[salt, rounds, hash] = &parts[..] else { return Err(malformed) };
    let (iterations, hash) = (number(rounds).ok_or(malformed)?, hex(hash).ok_or(malformed)?);
    pbkdf2::checked(Digest::Sha1, iterations, salt.as_bytes().to_vec(), hash)
}
