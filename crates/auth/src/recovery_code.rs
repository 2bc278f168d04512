//! Recovery codes: what a user keeps on paper for the day on which the authenticator app is lost. A code has 80 random
//! bits, so a fast keyed hash ([`EncryptionKey::hash`](crate::encryption::EncryptionKey::hash)) protects it at rest.

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

/// How many codes a user gets.
pub const NUMBER: usize = 10;
/// The number of random bytes, which are 16 characters in base32.
const BYTES: usize = 10;
/// The number of characters between two dashes.
const GROUP: usize = 4;

/// A recovery code.
pub struct RecoveryCode(Zeroizing<[u8; BYTES]>);

impl RecoveryCode {
    /// New random codes.
    #[must_use]
    pub fn fresh() -> [Self; NUMBER] {
        [(); NUMBER].map(|()| Self(Zeroizing::new(super::random())))
    }

    /// Parses a code as people type it: dashes, white space and the case of letters are ignored, and `0` and `1`, which
    /// base32 does not have, are read as `O` and `I`.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let letters = typed.chars().filter(|c| *c != '-' && !c.is_whitespace()).map(|c| match c {
            '0' => 'O',
            '1' => 'I',
            other => other.to_ascii_uppercase(),
        });
        let letters: Zeroizing<String> = Zeroizing::new(letters.take(2 * BYTES).collect());
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(letters.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The code in plain text: four groups of four letters and digits (base32), separated by dashes.
    #[must_use]
    pub fn expose(&self) -> String {
        let text = Zeroizing::new(BASE32_NOPAD.encode(&*self.0));
        let groups: Vec<_> = text.as_bytes().chunks(GROUP).map(String::from_utf8_lossy).collect();
        groups.join("-")
    }

    /// The random bytes, to hash.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &*self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let [code, other, ..] = RecoveryCode::fresh();
        let text = code.expose();
        assert_eq!((text.len(), text.matches('-').count()), (19, 3));
        assert_ne!(code.bytes(), other.bytes());
        for typed in [text.clone(), text.to_lowercase(), text.replace('-', " "), text.replace('-', "")] {
            assert_eq!(RecoveryCode::parse(&typed).map(|parsed| parsed.bytes().to_vec()), Some(code.bytes().to_vec()));
        }
        let zeros = RecoveryCode(Zeroizing::new([0x73; BYTES])).expose();
        let typed = zeros.replace('O', "0").replace('I', "1");
        assert_eq!(RecoveryCode::parse(&typed).map(|parsed| parsed.expose()), Some(zeros));
        for other in ["", "123456", &text[..18], &format!("{text}A"), &"A".repeat(1_000_000)] {
            assert!(RecoveryCode::parse(other).is_none(), "{other:.60}");
        }
    }
}
