//! What proves who somebody is: password hashes, signing keys, access tokens, refresh tokens, personal access tokens, reset
//! codes, and the seal on cursors.
//!
//! Nothing here knows the database, the schema or HTTP, and nothing reads the clock. Random bytes come from aws-lc's
//! generator. What a proven account may do is a matter of [`fieldguard_domain::rule`].

pub mod cursor;
pub mod fingerprint;
pub mod hasher;
pub mod keys;
pub mod personal_token;
pub mod refresh;
pub mod reset_code;
pub mod token;

/// Fresh random bytes from the operating system's generator, by aws-lc.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("aws-lc aborts the process rather than run without randomness");
    bytes
}
