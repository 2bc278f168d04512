//! What the server tells of its configuration, in `serverInfo` and `admin`. No secret is among it.

use chrono::{DateTime, Utc};

pub use fieldguard_guard::settings::{Introspection, Limits};

/// The settings that clients see and documents are held to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's version, as released.
    pub version: &'static str,
    /// When the process started.
    pub started_at: DateTime<Utc>,
    /// May anyone make an account?
    pub registration_open: bool,
    /// Can people sign in with their email address, too?
    pub sign_in_with_email: bool,
    /// The fewest characters a password has.
    pub password_min_characters: usize,
    /// The most characters a password has.
    pub password_max_characters: usize,
    /// What a caller may learn of the schema.
    pub introspection: Introspection,
    /// What a document may cost.
    pub limits: Limits,
    /// The most accounts that are made from one address in an hour.
    pub registrations_per_hour: u32,
}
