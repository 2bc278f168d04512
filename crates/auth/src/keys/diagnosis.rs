//! Says what a text is that is not the private key that was expected, for the operator. It decides nothing, and repeats
//! no part of the text.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::Algorithm;

/// What was found in place of a private key. `Display` is a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Found {
    /// No PEM.
    #[error("it has no PEM")]
    Nothing,
    /// A private key with a passphrase.
    #[error("it is encrypted")]
    Encrypted,
    /// A private key in the form of OpenSSL's `ecparam` and `ec` (RFC 5915).
    #[error("it is in the form SEC1")]
    Sec1,
    /// An RSA key in the form of RFC 8017.
    #[error("it is an RSA key in the form PKCS #1")]
    Pkcs1,
    /// A public key.
    #[error("it is a public key")]
    PublicKey,
    /// A certificate.
    #[error("it is a certificate")]
    Certificate,
    /// A private key of another kind.
    #[error("it is {0}")]
    Other(&'static str),
    /// An RSA key that is too short to be safe.
    #[error("it is an RSA key with fewer than 2048 bits")]
    ShortRsa,
    /// A private key that cannot be parsed.
    #[error("it is damaged")]
    Damaged,
}

/// The labels of PEM (RFC 7468), and what they mean here.
const LABELS: [(&str, Found); 6] = [
    ("BEGIN ENCRYPTED PRIVATE KEY", Found::Encrypted),
    // RFC 1421, section 4.6.1.1.
    ("Proc-Type: 4,ENCRYPTED", Found::Encrypted),
    ("BEGIN EC PRIVATE KEY", Found::Sec1),
    ("BEGIN RSA PRIVATE KEY", Found::Pkcs1),
    ("PUBLIC KEY-----", Found::PublicKey),
    ("BEGIN CERTIFICATE", Found::Certificate),
];

const RSA: &str = "an RSA key";
const P256: &str = "a key of the curve P-256";
const ED25519: &str = "an Ed25519 key";

/// Object identifiers in DER, which name the kind of a key at the start of PKCS #8 (RFC 5208, section 5).
const KINDS: [(&[u8], &str); 9] = [
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], P256),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "a key of the curve P-384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "a key of the curve P-521"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "a key of the curve secp256k1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "a key of another curve"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], "an RSA key for PSS only"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], RSA),
    (&[0x2b, 0x65, 0x70], ED25519),
    (&[0x2b, 0x65, 0x71], "an Ed448 key"),
];

/// Where these identifiers end, at most.
const START: usize = 40;

/// The length of an RSA key of 2048 bits in PKCS #8 is about 1,218 bytes, and of one of 1024 bits about 634.
const MIN_RSA_BYTES: usize = 1_100;

/// What `pem` is, which was refused as a key for `algorithm`.
pub(super) fn diagnose(algorithm: Algorithm, pem: &str) -> Found {
    if let Some((_, found)) = LABELS.iter().find(|(label, _)| pem.contains(label)) {
        return match found {
            Found::Pkcs1 if algorithm == Algorithm::Rs256 => Found::ShortRsa,
            Found::Pkcs1 => Found::Other(RSA),
            found => *found,
        };
    }
    if !pem.contains("-----BEGIN PRIVATE KEY-----") {
        return Found::Nothing;
    }
    let der = der(pem);
    let start = &der[..der.len().min(START)];
    let kind = KINDS.iter().find(|(id, _)| start.windows(id.len()).any(|bytes| bytes == *id)).map(|(_, kind)| *kind);
    match (algorithm, kind) {
        (Algorithm::Rs256, Some(RSA)) if der.len() < MIN_RSA_BYTES => Found::ShortRsa,
        (Algorithm::Es256, Some(P256))
        | (Algorithm::Rs256, Some(RSA))
        | (Algorithm::EdDsa, Some(ED25519))
        | (_, None) => Found::Damaged,
        (_, Some(other)) => Found::Other(other),
    }
}

/// The content of the PEM, as far as it is base64.
fn der(pem: &str) -> Zeroizing<Vec<u8>> {
    let lines = pem.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN")).skip(1);
    let mut encoded = Zeroizing::new(String::with_capacity(pem.len()));
    lines.take_while(|line| !line.starts_with('-')).for_each(|line| encoded.push_str(line));
    Zeroizing::new(STANDARD.decode(encoded.as_bytes()).unwrap_or_default())
}

impl Found {
    /// What to do about it, as a clause. `file` is the file it was found in.
    #[must_use]
    pub fn remedy(self, algorithm: Algorithm, file: &str) -> String {
        let create = match algorithm {
            Algorithm::Rs256 => "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
            Algorithm::EdDsa => "-algorithm Ed25519",
            Algorithm::Es256 | Algorithm::Hs256 => "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        };
        match self {
            Self::Encrypted | Self::Sec1 | Self::Pkcs1 => {
                format!("convert it with `openssl pkcs8 -topk8 -nocrypt -in {file} -out NEW`")
            }
            Self::PublicKey | Self::Certificate => "name the file with its private key".to_owned(),
            Self::Other(P256) => "set `token.algorithm = \"ES256\"`, or name another key".to_owned(),
            Self::Other(RSA) => "set `token.algorithm = \"RS256\"`, or name another key".to_owned(),
            Self::Other(ED25519) => "set `token.algorithm = \"EdDSA\"`, or name another key".to_owned(),
            Self::Other(_) | Self::Nothing | Self::ShortRsa | Self::Damaged => {
                format!("create a key with `openssl genpkey {create} -out NEW`")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{
        Key, KeyError, generate_es256,
        samples::{ed25519, p384, rsa},
    };

    #[track_caller]
    fn found(algorithm: Algorithm, pem: &str) -> Found {
        match Key::from_pem(algorithm, pem) {
            Err(KeyError::Unfit(of, found)) if of == algorithm => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn kinds_of_keys_are_told_apart() {
        for (algorithm, pem, expected) in [
            (Algorithm::Es256, p384(), Found::Other("a key of the curve P-384")),
            (Algorithm::Es256, ed25519(), Found::Other(ED25519)),
            (Algorithm::Es256, rsa(), Found::Other(RSA)),
            (Algorithm::Rs256, generate_es256(), Found::Other(P256)),
            (Algorithm::EdDsa, rsa(), Found::Other(RSA)),
        ] {
            assert_eq!(found(algorithm, &pem), expected);
        }
    }

    #[test]
    fn forms_are_told_apart() {
        let plain = generate_es256();
        let labeled = |label: &str| plain.replace("PRIVATE KEY", label);
        for (pem, expected) in [
            (String::new(), Found::Nothing),
            (labeled("ENCRYPTED PRIVATE KEY"), Found::Encrypted),
            (labeled("EC PRIVATE KEY"), Found::Sec1),
            (labeled("PUBLIC KEY"), Found::PublicKey),
            (labeled("RSA PUBLIC KEY"), Found::PublicKey),
            (labeled("CERTIFICATE"), Found::Certificate),
            (labeled("RSA PRIVATE KEY"), Found::Other(RSA)),
            (plain.replace("\nM", "\nA"), Found::Damaged),
            ("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n".to_owned(), Found::Damaged),
        ] {
            assert_eq!(found(Algorithm::Es256, &pem), expected);
        }
        let old =
            plain.replace("KEY-----\nM", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nM").replace("PRIVATE", "EC PRIVATE");
        assert_eq!(found(Algorithm::Es256, &old), Found::Encrypted);
    }
}
