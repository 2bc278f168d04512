//! Version 3 of ASP.NET Core Identity: one Base64 text of a byte 1, the digest, the iterations and the size of the salt
//! as numbers of four bytes, the salt, and a PBKDF2 hash.

use super::{
    Reading,
    encoding::base64,
    pbkdf2::{Digest, checked},
};

pub(super) fn read(text: &str) -> Reading {
    let bytes = base64(text)?;
    let rest = bytes.strip_prefix(&[1])?;
    let (digest, rest) = number(rest)?;
    let (iterations, rest) = number(rest)?;
    let (salt_bytes, rest) = number(rest)?;
    let (salt, hash) = rest.split_at_checked(usize::try_from(salt_bytes).ok()?)?;
    let digest = match digest {
        0 => Digest::Sha1,
        1 => Digest::Sha256,
        2 => Digest::Sha512,
        _ => return None,
    };
    Some(checked(digest, iterations, salt.to_vec(), hash.to_vec()))
}

/// The number at the beginning, and what follows.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    bytes.split_first_chunk().map(|(first, rest)| (u32::from_be_bytes(*first), rest))
}
