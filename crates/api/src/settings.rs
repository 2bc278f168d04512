//! The settings that `serverInfo` and `admin` show. None is secret.

use chrono::{DateTime, Utc};

pub use fieldguard_guard::settings::{Introspection, Limits};

/// The settings that clients see, and the limits on documents.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's version, as released.
    pub version: &'static str,
    /// When the process started.
    pub started_at: DateTime<Utc>,
    /// Whether everyone can register.
    pub registration_open: bool,
    /// Whether users can sign in with their email address.
    pub sign_in_with_email: bool,
    /// Whether the server sends mail.
    pub mail_enabled: bool,
    /// The minimum length of a password in characters.
    pub password_min_characters: usize,
    /// The maximum length of a password in characters.
    pub password_max_characters: usize,
    /// What introspection shows.
    pub introspection: Introspection,
    /// The limits on documents.
    pub limits: Limits,
    /// The maximum number of registrations from one IP address in an hour.
    pub registrations_per_hour: u32,
}
