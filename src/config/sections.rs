//! The tables of the configuration file, with their defaults. [`super::table`] has the allowed values.

use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderMap;

use super::allowed_origins::AllowedOrigins;
use super::audit_retention::AuditRetention;
use super::choice::{Algorithm, LogFormat, SameSite, SmtpTls};
use super::claims::Claims;
use super::headers;
use super::http_url::HttpUrl;
use super::mail::{MailLink, MailSender};
use super::names::Names;
use super::secret::Secret;
use super::security_log::SecurityLog;
use super::text::{Filter, Text};
use super::webhooks::{WebhookEvents, WebhookSecret, WebhookUrl};

/// Logging (`[log]`).
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Which events are logged. Default `info`.
    pub level: Filter,
    /// The format of log lines. Default `text`.
    pub format: LogFormat,
    /// Where security events are written. Default nowhere.
    pub security: SecurityLog,
}

/// TLS without a proxy (`[tls]`).
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// A PEM file with the certificate and those of its issuers. Default none: the server speaks plain HTTP.
    pub certificate: Option<PathBuf>,
    /// A PEM file with its private key.
    pub key: Option<PathBuf>,
}

/// Access tokens (`[token]`).
#[derive(Debug, Clone)]
pub struct Token {
    /// The signature algorithm. Default `ES256`.
    pub algorithm: Algorithm,
    /// A PEM file with the private key. By default a key is generated at the first start.
    pub key_file: Option<PathBuf>,
    /// The key of `HS256`: the bytes of this text, at least 32.
    pub secret: Option<Secret>,
    /// The issuer (`iss`), if it is not the server's address: see [`super::Config::issuer`].
    pub issuer: Option<Text>,
    /// The audience (`aud`). Default `fieldguard`.
    pub audience: Text,
    /// How long an access token is valid. Default and maximum 15 minutes.
    pub lifetime: Duration,
    /// The claims from users' profiles. Default none.
    pub claims: Claims,
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
            claims: Claims::default(),
        }
    }
}

/// Sessions (`[session]`).
#[derive(Debug, Clone)]
pub struct Session {
    /// How long a session stays valid without use. Default 14 days.
    pub idle: Duration,
    /// How long a session stays valid at most. Default 30 days.
    pub lifetime: Duration,
    /// The maximum number of live sessions per account. The oldest is revoked first. Default 20.
    pub limit: u32,
    /// How long after its exchange a refresh token is still answered with the newest pair. Default 10 seconds.
    pub refresh_grace: Duration,
    /// Which sites' pages make browsers send the refresh cookie. Default `strict`.
    pub same_site: SameSite,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(14 * 24),
            lifetime: Duration::from_hours(30 * 24),
            limit: 20,
            refresh_grace: Duration::from_secs(10),
            same_site: SameSite::default(),
        }
    }
}

/// Rules for new passwords (`[password]`).
#[derive(Debug, Clone)]
pub struct Password {
    /// The minimum number of characters. Default 12.
    pub min_characters: usize,
    /// The maximum number of characters. Default 128.
    pub max_characters: usize,
    /// How long a password reset code is valid. Default and maximum 1 hour.
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
    /// Whether users can also sign in with their email address. Default false: email addresses are known to more people
    /// than usernames, and those of other users may not be verified.
    pub sign_in_with_email: bool,
    /// How long a deletion by an administrator can be undone. Default 30 days.
    pub deletion_grace: Duration,
    /// Usernames that users cannot choose, besides those reserved on every server. Default none.
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

/// Sign-in (`[sign_in]`).
#[derive(Debug, Clone, Default)]
pub struct SignIn {
    /// The names of the roles whose users must have a second factor. Default none.
    pub require_second_factor_for: Names,
}

/// Encryption of secrets in the database (`[encryption]`).
#[derive(Debug, Clone, Default)]
pub struct Encryption {
    /// The key, if it is configured. By default, a single server keeps one in `data_dir`.
    pub key: Option<Secret>,
}

/// The cost of a password hash (`[hash]`). Programs may set cheaper parameters for their tests. The file, the
/// environment and flags may not.
#[derive(Debug, Clone)]
pub struct Hash {
    /// Memory per hash, in KiB. Default 19,456.
    pub memory_kib: u32,
    /// Passes over the memory. Default 2.
    pub iterations: u32,
    /// Lanes per hash. Default 1.
    pub parallelism: u32,
    /// Threads that compute hashes. 0 means one fewer than the number of cores. Default 0.
    pub threads: usize,
    /// How many passwords may wait for a thread before more are refused. Default 64.
    pub queue: usize,
}

impl Default for Hash {
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1, threads: 0, queue: 64 }
    }
}

/// The audit log (`[audit]`).
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// How long audit events are kept. Default 365 days.
    pub retention: AuditRetention,
}

/// Traces and metrics for a collector (`[otlp]`).
#[derive(Debug, Clone)]
pub struct Otlp {
    /// The address of the collector. Default none: nothing is sent.
    pub endpoint: Option<HttpUrl>,
    /// The headers for the collector. Default none.
    pub headers: Option<Secret>,
    /// How many requests of 100 are traced. Default 10.
    pub traces_percent: u32,
}

impl Default for Otlp {
    fn default() -> Self {
        Self { endpoint: None, headers: None, traces_percent: 10 }
    }
}

impl Otlp {
    /// The headers for the collector.
    #[must_use]
    pub fn header_map(&self) -> HeaderMap {
        self.headers.as_ref().and_then(|secret| headers::parse(secret).ok()).unwrap_or_default()
    }
}

/// Mail (`[mail]`).
#[derive(Debug, Clone)]
pub struct Mail {
    /// The host of the mail server. Default none.
    pub smtp_host: Option<Text>,
    /// Its port. Default 587 with STARTTLS, 465 with TLS, 25 without.
    pub smtp_port: Option<u16>,
    /// How the connection is encrypted. Default `starttls`.
    pub smtp_tls: SmtpTls,
    /// The username at the mail server.
    pub smtp_username: Option<Text>,
    /// Its password.
    pub smtp_password: Option<Secret>,
    /// The maximum time of one attempt. Default 30 seconds.
    pub timeout: Duration,
    /// The sender of mails.
    pub from: Option<MailSender>,
    /// The directory with templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
    /// The page where users reset their password.
    pub reset_password_url: Option<MailLink>,
    /// The page where users verify their email address.
    pub verify_email_url: Option<MailLink>,
    /// The page where users undo a change of their email address.
    pub undo_email_change_url: Option<MailLink>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            smtp_host: None,
            smtp_port: None,
            smtp_tls: SmtpTls::default(),
            smtp_username: None,
            smtp_password: None,
            timeout: Duration::from_secs(30),
            from: None,
            templates: None,
            reset_password_url: None,
            verify_email_url: None,
            undo_email_change_url: None,
        }
    }
}

/// Webhooks (`[webhooks]`): events about users, sent to one receiver.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// The URL of the receiver. Default none, and no event is recorded.
    pub url: Option<WebhookUrl>,
    /// The secret that signs.
    pub secret: Option<WebhookSecret>,
    /// The secret that signs too, while it is replaced.
    pub previous_secret: Option<WebhookSecret>,
    /// The types of events. Default all.
    pub events: WebhookEvents,
    /// Whether the receiver may have a private address. Default false.
    pub allow_private_addresses: bool,
    /// The maximum time of one attempt. Default 15 seconds.
    pub timeout: Duration,
    /// How long an event is tried. Default 3 days.
    pub retry_for: Duration,
    /// How long delivered and dead events are kept. Default 14 days.
    pub retention: Duration,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            url: None,
            secret: None,
            previous_secret: None,
            events: WebhookEvents::default(),
            allow_private_addresses: false,
            timeout: Duration::from_secs(15),
            retry_for: Duration::from_hours(3 * 24),
            retention: Duration::from_hours(14 * 24),
        }
    }
}

/// Access from pages of other sites (`[cors]`).
#[derive(Debug, Clone, Default)]
pub struct Cors {
    /// The origins whose pages may use this server. Default none.
    pub origins: AllowedOrigins,
}

/// The first administrator, created at startup if there is none (`[admin]`).
#[derive(Debug, Clone, Default)]
pub struct Admin {
    /// The username.
    pub username: Option<Text>,
    /// The password.
    pub password: Option<Secret>,
}
