//! Certificates and private keys in PEM (RFC 7468).

use std::{fmt, ops::RangeInclusive, sync::Arc};

use chrono::{DateTime, Utc};
use tokio_rustls::rustls::{
    Error, InconsistentKeys,
    client::verify_server_name,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    server::ParsedCertificate,
    sign::CertifiedKey,
};

use super::validity::validity;

/// Why a text is no chain of certificates. `Display` continues a sentence about its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There is no certificate in it.
    #[error("has no certificate; it must hold the server's certificate in PEM, and then those of its issuers")]
    Missing,
    /// A certificate in it cannot be parsed.
    #[error("has a damaged certificate")]
    Damaged,
}

/// Why a text is not the private key of a certificate. `Display` continues a sentence about its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// There is no private key in it.
    #[error("has no private key; it must hold one in PEM (PKCS #8, SEC1 or PKCS #1)")]
    Missing,
    /// The private key is encrypted.
    #[error("has an encrypted private key; decrypt it with `openssl pkcs8 -topk8 -nocrypt -in FILE -out NEW`")]
    Encrypted,
    /// The key is damaged or of an unknown kind.
    #[error(
        "has a private key that TLS cannot use; it must be RSA with 2048 bits or more, P-256, P-384, P-521 or Ed25519"
    )]
    Unusable,
    /// The key belongs to another certificate.
    #[error("has the private key of another certificate")]
    Foreign,
}

/// The certificate of a server and those of its issuers.
#[derive(Clone)]
pub struct Chain {
    certificates: Vec<CertificateDer<'static>>,
    validity: RangeInclusive<DateTime<Utc>>,
}

impl Chain {
    /// Reads the certificates in `pem`, the server's first. Other content is skipped.
    ///
    /// # Errors
    ///
    /// [`ChainError`].
    pub fn from_pem(pem: &str) -> Result<Self, ChainError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let certificates = certificates.map_err(|_| ChainError::Damaged)?;
        let own = certificates.first().ok_or(ChainError::Missing)?;
        ParsedCertificate::try_from(own).map_err(|_| ChainError::Damaged)?;
        let validity = validity(own).ok_or(ChainError::Damaged)?;
        Ok(Self { certificates, validity })
    }
}

/// A certificate with its private key.
pub struct Certificate {
    key: Arc<CertifiedKey>,
    validity: RangeInclusive<DateTime<Utc>>,
}

impl Certificate {
    /// The certificate in `chain` with the first private key in `pem`: PKCS #8, SEC1 (RFC 5915) or PKCS #1 (RFC 8017).
    ///
    /// # Errors
    ///
    /// [`PrivateKeyError`].
    pub fn new(chain: Chain, pem: &str) -> Result<Self, PrivateKeyError> {
        let key = private_key(pem)?;
        let key = CertifiedKey::from_der(chain.certificates, key, &aws_lc_rs::default_provider());
        let key = key.map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => PrivateKeyError::Foreign,
            _ => PrivateKeyError::Unusable,
        })?;
        Ok(Self { key: Arc::new(key), validity: chain.validity })
    }

    /// From when and until when clients accept the certificate.
    #[must_use]
    pub const fn validity(&self) -> &RangeInclusive<DateTime<Utc>> {
        &self.validity
    }

    /// Whether it is the certificate of this host name or IP address.
    #[must_use]
    pub fn names(&self, host: &str) -> bool {
        let Ok(name) = ServerName::try_from(host) else { return false };
        let parsed = self.key.cert.first().and_then(|own| ParsedCertificate::try_from(own).ok());
        parsed.is_some_and(|own| verify_server_name(&own, &name).is_ok())
    }

    /// Whether other bytes than those of `other` are sent to clients.
    #[must_use]
    pub fn differs(&self, other: &Self) -> bool {
        self.key.cert != other.key.cert
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        self.key.clone()
    }
}

/// The key is secret.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("validity", &self.validity).finish_non_exhaustive()
    }
}

fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, PrivateKeyError> {
    // PKCS #8, and the older form of OpenSSL (RFC 1421, section 4.6.1.1), which has the same label as a plain key.
    if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(PrivateKeyError::Encrypted);
    }
    let found = PrivateKeyDer::pem_slice_iter(pem.as_bytes()).next().ok_or(PrivateKeyError::Missing)?;
    found.map_err(|_| PrivateKeyError::Unusable)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ED25519, PKCS_RSA_SHA256, date_time_ymd};

    use super::*;

    fn signed(key: &KeyPair) -> String {
        let mut params = CertificateParams::new(["id.example.org".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.not_before = date_time_ymd(1999, 12, 31);
        params.not_after = date_time_ymd(2050, 1, 2);
        params.self_signed(key).unwrap().pem()
    }

    #[test]
    fn certificate_has_its_validity_and_names() {
        let key = KeyPair::generate().unwrap();
        let chain = Chain::from_pem(&format!("Subject: x\n{}", signed(&key))).unwrap();
        let certificate = Certificate::new(chain, &key.serialize_pem()).unwrap();
        let days =
            [certificate.validity().start(), certificate.validity().end()].map(|at| at.format("%F %T").to_string());
        assert_eq!(days, ["1999-12-31 00:00:00", "2050-01-02 00:00:00"]);
        for (host, named) in [("id.example.org", true), ("127.0.0.1", true), ("x.example.org", false), ("::1", false)] {
            assert_eq!(certificate.names(host), named, "{host}");
        }
        assert!(!format!("{certificate:?}").contains("PRIVATE"));
    }

    #[test]
    fn keys_of_every_usual_kind_are_accepted() {
        for algorithm in [&PKCS_ED25519, &PKCS_RSA_SHA256] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let chain = Chain::from_pem(&signed(&key)).unwrap();
            assert!(Certificate::new(chain, &key.serialize_pem()).is_ok(), "{algorithm:?}");
        }
    }

    #[test]
    fn each_mistake_is_told_apart() {
        let key = KeyPair::generate().unwrap();
        let pem = signed(&key);
        let of_chain = |pem: &str| Chain::from_pem(pem).err();
        assert_eq!(of_chain(&key.serialize_pem()), Some(ChainError::Missing));
        assert_eq!(of_chain(&pem.replace("MII", "!!!")), Some(ChainError::Damaged));
        let short = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        assert_eq!(of_chain(short), Some(ChainError::Damaged));
        let of_key = |key: &str| Certificate::new(Chain::from_pem(&pem).unwrap(), key).err();
        let other = KeyPair::generate().unwrap().serialize_pem();
        let encrypted = other.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert_eq!(of_key(&pem), Some(PrivateKeyError::Missing));
        assert_eq!(of_key(&encrypted), Some(PrivateKeyError::Encrypted));
        assert_eq!(of_key(&other.replace("-----\nM", "-----\nN")), Some(PrivateKeyError::Unusable));
        assert_eq!(of_key(&other), Some(PrivateKeyError::Foreign));
    }
}
