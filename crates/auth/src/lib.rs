//! What proves who a caller is: password hashes, signing keys, access tokens, refresh tokens, personal access tokens, reset
//! codes; and the seal on cursors. For the use cases in `fieldguard-accounts`.
//!
//! Nothing here knows the database, the schema or HTTP, and nothing reads the clock. Random bytes come from aws-lc's generator.
//!
//! ```
//! use fieldguard_auth::{cursor::CursorKey, reset_code};
//!
//! let code = reset_code::ResetCode::new();
//! assert_eq!(reset_code::hash_of(&code.expose()), Some(code.hash()), "the database keeps the hash alone");
//!
//! let key = CursorKey::from_bytes(&CursorKey::fresh()).expect("a fresh key has the right size");
//! let position = uuid::Uuid::nil();
//! let cursor = key.seal("sessions", position);
//! assert_eq!(key.open("sessions", &cursor), Some(position));
//! assert_eq!(key.open("accessTokens", &cursor), None, "a cursor of one list is none of another");
//! ```
//!
//! What it does not do: what a proven account may do is a matter of [`fieldguard_domain::rule`], and whether a session is over is
//! one of the database.

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
