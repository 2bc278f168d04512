//! Authentication: password hashes, signing keys, access tokens, refresh tokens, personal access tokens, reset codes,
//! sign-in challenges, codes of second factors, encryption of secrets, signatures of webhooks, and sealed cursors. The
//! use cases in `fieldguard-accounts` call this crate.
//!
//! It does not know the database, the schema or HTTP, and reads no clock. Random bytes come from aws-lc's generator.
//!
//! ```
//! use fieldguard_auth::{cursor::CursorKey, reset_code};
//!
//! let code = reset_code::ResetCode::new();
//! assert_eq!(reset_code::hash_of(&code.expose()), Some(code.hash()), "the database stores only the hash");
//!
//! let key = CursorKey::from_bytes(&CursorKey::fresh()).expect("a fresh key has the right size");
//! let position = uuid::Uuid::nil();
//! let cursor = key.seal("sessions", position);
//! assert_eq!(key.open("sessions", &cursor), Some(position));
//! assert_eq!(key.open("accessTokens", &cursor), None, "a cursor is valid for one list only");
//! ```
//!
//! What it does not do: [`fieldguard_domain::rule`] decides what a caller may do, and the database knows whether a
//! session was revoked.

pub mod cursor;
pub mod email_code;
pub mod encryption;
#[cfg(unix)]
pub mod file_access;
pub mod fingerprint;
pub mod hasher;
pub mod keys;
pub mod personal_token;
pub mod recovery_code;
pub mod refresh;
pub mod reset_code;
pub mod sign_in_challenge;
pub mod token;
pub mod totp;
pub mod webhook_key;

/// Random bytes from the operating system's generator, through aws-lc.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("aws-lc aborts the process rather than run without randomness");
    bytes
}
