//! Fingerprints: a text as 32 bytes that do not reveal it. Anyone who can guess the text can check the guess, so do not
//! use them for secrets that are easy to guess.

use aws_lc_rs::digest::{Context, SHA256};

/// The SHA-256 of the parts, each with a length prefix, so that different lists of parts give different bytes.
///
/// # Panics
///
/// Never: a SHA-256 hash has 32 bytes.
#[must_use]
pub fn of(parts: &[&str]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_parts_give_different_fingerprints() {
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab", ""]));
        assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
    }
}
