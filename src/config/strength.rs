//! Whether a text can serve as a 256-bit key. This cannot prove that the text is random. It refuses texts that clearly
//! are not: short ones, repetitions, sequences and placeholders from documentation.

use std::collections::HashMap;
use std::hash::Hash;

/// RFC 7518 section 3.2: a key for HS256 must have at least 256 bits.
const MIN_BYTES: usize = 32;
/// 32 random bytes in any usual encoding reach this, and 32 hexadecimal digits do not.
const MIN_BITS: f64 = 128.0;
const PLACEHOLDERS: [&str; 7] = ["secret", "password", "changeme", "change-me", "change_me", "example", "placeholder"];

/// Checks a key.
///
/// A clause that says what is weak about `secret`, without repeating any of it.
pub(super) fn check(secret: &str) -> Result<(), String> {
    let bytes = secret.as_bytes();
    let weakness = if bytes.len() < MIN_BYTES {
        format!("is shorter than {MIN_BYTES} bytes")
    } else if repeats(bytes) || is_sequence(bytes) || bits(bytes) < MIN_BITS {
        "is too regular to be random".to_owned()
    } else if contains_placeholder(secret) {
        "contains a placeholder word".to_owned()
    } else {
        return Ok(());
    };
    Err(format!("{weakness}; create one with `openssl rand -base64 32`"))
}

/// Whether the text is a repetition of a part of it.
fn repeats(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2).any(|period| bytes[period..] == bytes[..bytes.len() - period])
}

/// Whether most neighbors have the same distance: `aaaa`, `abcdefgh`, `97531`.
fn is_sequence(bytes: &[u8]) -> bool {
    let steps = counts(bytes.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])));
    steps.values().max().is_some_and(|most| *most * 2 > bytes.len())
}

/// The Shannon entropy of the byte frequencies, for the whole text.
fn bits(bytes: &[u8]) -> f64 {
    let length = as_float(bytes.len());
    counts(bytes.iter()).values().map(|count| as_float(*count)).map(|count| count * (length / count).log2()).sum()
}

fn counts<T: Eq + Hash>(items: impl Iterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

fn as_float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

fn contains_placeholder(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    PLACEHOLDERS.into_iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_keys_are_accepted() {
        for key in [
            "u0yQ6mVn0m1cQ3pV4r9bT8o2m5kXwE7hLJ1sZaDfGvY=",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "ZsW4kq1vTg7RjN0xPb5yHe9mLd2cAu8f",
        ] {
            assert_eq!(check(key), Ok(()), "{key}");
        }
    }

    #[test]
    fn weak_keys_are_refused() {
        let alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        for key in [
            "",
            "short",
            "ZsW4kq1vTg7RjN0xPb5yHe9mLd2cAu8",
            &"a".repeat(64),
            &"ab".repeat(32),
            &"0123456789abcdef".repeat(2),
            &"Zs4kq1vT".repeat(10)[..79],
            alphabet,
            &alphabet.chars().rev().collect::<String>(),
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbcccccccc",
            "9f86d081884c7d659a2feaa0c55ad015",
            "my-very-long-jwt-SECRET-for-production-use",
        ] {
            assert!(check(key).is_err(), "{key}");
        }
    }
}
