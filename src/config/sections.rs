//! The tables of the configuration file, each with its defaults. What values they may have is said in [`super::table`].

use std::path::PathBuf;
use std::time::Duration;

use super::allowed_origins::AllowedOrigins;
use super::audit_retention::AuditRetention;
use super::choice::{Algorithm, LogFormat};
use super::names::Names;
use super::secret::Secret;
use super::text::{Filter, Text};

/// What is logged, and how (`[log]`).
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Which events are logged. Default `info`.
    pub level: Filter,
    /// How they are written. Default `text`.
    pub format: LogFormat,
}

/// Access tokens (`[token]`).
#[derive(Debug, Clone)]
pub struct Token {
    /// How tokens are signed. Default `ES256`.
    pub algorithm: Algorithm,
    /// A PEM file with the private key; by default a key is made at the first start.
    pub key_file: Option<PathBuf>,
    /// The key of `HS256`: the bytes of this text, 32 or more.
    pub secret: Option<Secret>,
    /// The issuer (`iss`), where it is not the server's address: see [`super::Config::issuer`].
    pub issuer: Option<Text>,
    /// The audience (`aud`). Default `fieldguard`.
    pub audience: Text,
    /// How long a token is valid. Default and at most 15 minutes.
    pub lifetime: Duration,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Es256,
            key_file: None,
            secret: None,
            issuer: None,
            audience: Text::from("fieldguard"),
            lifetime: Duration::from_mins(15),
        }
    }
}

/// Sessions (`[session]`).
#[derive(Debug, Clone)]
pub struct Session {
    /// How long an unused session lives. Default 14 days.
    pub idle: Duration,
    /// How long a session lives, however much it is used. Default 30 days.
    pub lifetime: Duration,
    /// How many live sessions an account has; the oldest ends first. Default 20.
    pub limit: u32,
    /// How long after its exchange a refresh token is answered with the newest pair. Default 10 seconds.
    pub refresh_grace: Duration,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(14 * 24),
            lifetime: Duration::from_hours(30 * 24),
            limit: 20,
            refresh_grace: Duration::from_secs(10),
        }
    }
}

/// Rules for new passwords (`[password]`).
#[derive(Debug, Clone)]
pub struct Password {
    /// The least number of characters. Default 12.
    pub min_characters: usize,
    /// The greatest number of characters. Default 128.
    pub max_characters: usize,
    /// How long a code that resets a password is good. Default and at most 1 hour.
    pub reset_lifetime: Duration,
}

impl Default for Password {
    fn default() -> Self {
        Self { min_characters: 12, max_characters: 128, reset_lifetime: Duration::from_hours(1) }
    }
}

/// Accounts (`[account]`).
#[derive(Debug, Clone)]
pub struct Account {
    /// Whether people can sign in with their email address as well as with their user name. Default no: addresses are known
    /// to more people than user names are, and the server does not verify them.
    pub sign_in_with_email: bool,
    /// How long a deletion by an administrator can be undone. Default 30 days.
    pub deletion_grace: Duration,
    /// User names that people cannot choose for themselves, besides those reserved on every server. Default none.
    pub reserved_names: Names,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            sign_in_with_email: false,
            deletion_grace: Duration::from_hours(30 * 24),
            reserved_names: Names::default(),
        }
    }
}

/// The cost of a password hash (`[hash]`). A program may set cheaper parameters here, for its tests; file, environment
/// and flags may not.
#[derive(Debug, Clone)]
pub struct Hash {
    /// Memory for one hash, in KiB. Default 19,456.
    pub memory_kib: u32,
    /// Passes over the memory. Default 2.
    pub iterations: u32,
    /// Lanes of one hash. Default 1.
    pub parallelism: u32,
    /// Threads that compute hashes; 0: as many as there are cores. Default 0.
    pub threads: usize,
    /// How many passwords may wait for a thread before more are refused. Default 64.
    pub queue: usize,
}

impl Default for Hash {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1, threads: 0, queue: 64 }
    }
}

/// The audit trail (`[audit]`).
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// How long its rows are kept. Default 365 days.
    pub retention: AuditRetention,
}

/// Pages of other sites (`[cors]`).
#[derive(Debug, Clone, Default)]
pub struct Cors {
    /// The origins whose pages may use this server. Default none.
    pub origins: AllowedOrigins,
}

/// The first administrator, made at the first start if there is none (`[admin]`).
#[derive(Debug, Clone, Default)]
pub struct Admin {
    /// Its name.
    pub username: Option<Text>,
    /// Its password.
    pub password: Option<Secret>,
}
