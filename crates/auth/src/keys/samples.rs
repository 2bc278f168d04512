//! Keys for tests, generated for each run.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use zeroize::Zeroizing;

use super::key::pem;

pub(crate) fn ed25519() -> Zeroizing<String> {
    pem(Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap().as_ref())
}

pub(crate) fn p384() -> Zeroizing<String> {
    pem(EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new()).unwrap().as_ref())
}

pub(crate) fn rsa() -> Zeroizing<String> {
    let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
    pem(der.as_ref())
}
