//! The compact form of a signed JWT (RFC 7515, section 3.1): three parts in base64url, split before any allocation, so
//! that a megabyte of dots costs nothing. This module does not interpret the parts.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Maximum length of a token, in bytes. A token with a hundred permissions has less than 4 KiB.
const MAX_BYTES: usize = 8 * 1024;

/// The encoded parts of a token.
pub(super) struct Compact<'a> {
    header: &'a str,
    payload: &'a str,
    /// The signature in base64url.
    pub(super) signature: &'a str,
    /// The signed text: header and payload with their dot.
    pub(super) signed: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits `token` into exactly three parts, none empty, in the base64url alphabet, with at most 8 KiB in total.
    pub(super) fn split(token: &'a str) -> Option<Self> {
        if token.len() > MAX_BYTES {
            return None;
        }
        let (header, rest) = token.split_once('.')?;
        let (payload, signature) = rest.split_once('.')?;
        let signed = &token[..header.len() + 1 + payload.len()];
        [header, payload, signature].into_iter().all(is_base64url).then_some(Self {
            header,
            payload,
            signature,
            signed,
        })
    }

    /// The header as JSON. `None` if it is not canonical base64url.
    pub(super) fn header(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.header).ok()
    }

    /// The claims as JSON. `None` if they are not canonical base64url.
    pub(super) fn payload(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.payload).ok()
    }
}

fn is_base64url(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_parts() {
        let token = Compact::split("e30.e30.AA").unwrap();
        assert_eq!((token.signed, token.signature), ("e30.e30", "AA"));
        for other in [
            "",
            ".",
            "..",
            "...",
            "e30",
            "e30.e30",
            "e30.e30.",
            "e30..AA",
            ".e30.AA",
            "e30.e30.AA.",
            "e30.e30.AA.AA",
            "e30.e30.AA==",
            "e30.e30.A+",
            "e30.e30.A/",
            " e30.e30.AA",
            "e30.e30.AA\n",
            "e30.e30.é",
            "a.b.c.d.e",
        ] {
            assert!(Compact::split(other).is_none(), "{other}");
        }
        assert!(Compact::split(&".".repeat(1_000_000)).is_none());
        assert!(Compact::split(&format!("a.b.{}", "c".repeat(8_189))).is_none());
        assert!(Compact::split(&format!("a.b.{}", "c".repeat(8_188))).is_some());
    }
}
