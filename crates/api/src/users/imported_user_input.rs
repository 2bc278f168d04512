//! `ImportedUserInput`: an account of another system.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use fieldguard_accounts::import_users::ImportedUser;

/// An account of another system.
#[derive(InputObject)]
pub struct ImportedUserInput {
    /// The name to sign in with: 3 to 40 letters, digits, dots, hyphens and underscores. Names that differ only in case are the same.
    username: String,
    /// The address for mail, if any.
    email: Option<String>,
    /// The hash of the account's password: Argon2id or Argon2i (`$argon2id$v=19$…`), bcrypt (`$2a$`, `$2b$` or `$2y$`, at a cost of 4 to 14), or PBKDF2 with SHA-256 or SHA-512 and 1,000 to 3,000,000 iterations (`$pbkdf2-sha256$…` in PHC form or passlib's, `pbkdf2_sha256$…` as Django writes it). It is made anew when its owner first signs in.
    #[graphql(secret)]
    password_hash: String,
    /// When the account was made there; now, where it is absent.
    created_at: Option<DateTime<Utc>>,
    /// Whether the account is disabled.
    #[graphql(default)]
    disabled: bool,
}

impl From<ImportedUserInput> for ImportedUser {
    fn from(input: ImportedUserInput) -> Self {
        let ImportedUserInput { username, email, password_hash, created_at, disabled } = input;
        Self { username, email, password_hash, created_at, disabled }
    }
}
