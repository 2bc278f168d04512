//! Every setting, in one struct that is read once, when the process starts.
//!
//! A setting comes from its default, the configuration file, an environment variable or a flag; the later wins. Names,
//! help and allowed values stand in one table, [`keys`](fn@keys); the file `fieldguard.default.toml` documents them and
//! is tested against it. Whatever cannot be right stops the start and names the key and the place it was written in,
//! never the value of a secret.
//!
//! Nothing else reads the environment, and nothing here opens a database, reads a key file or looks at the clock.

mod allowed_origins;
mod audit_retention;
mod choice;
mod database_url;
mod duration;
mod error;
mod file;
mod key;
mod limits;
mod names;
mod public_url;
mod reference;
mod rules;
mod secret;
mod sections;
mod show;
mod sources;
mod strength;
mod table;
mod text;
mod trusted_proxies;
mod value;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use allowed_origins::AllowedOrigins;
pub use audit_retention::AuditRetention;
pub use choice::{Algorithm, Introspection, LogFormat, Registration};
pub use database_url::DatabaseUrl;
pub use error::{ConfigErrors, Problem};
pub use key::Key;
pub use limits::Limits;
pub use names::Names;
pub use public_url::PublicUrl;
pub use reference::markdown_table;
pub use secret::Secret;
pub use sections::{Account, Admin, Audit, Cors, Hash, Log, Password, Session, Token};
pub use sources::{DEFAULT_FILE_NAME, File, Flags, Origin, Sources};
pub use table::keys;
pub use text::{Filter, Text};
pub use trusted_proxies::TrustedProxies;

use self::sources::Setting;
use crate::store::Location;

/// The configuration file that documents every setting with its default.
pub const DEFAULT_FILE: &str = include_str!("../../fieldguard.default.toml");

/// Every setting, valid each by itself and together, where it was made by [`Config::load`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The address and port to accept connections on. Default `127.0.0.1:4000`.
    pub listen: SocketAddr,
    /// The directory of the embedded database and of the signing key. Default `data`.
    pub data_dir: PathBuf,
    /// The database, where it is not the one in `data_dir`: see [`Config::database`].
    pub database_url: Option<DatabaseUrl>,
    /// How many connections to the database may be open. Default 20.
    pub database_max_connections: u32,
    /// The address under which clients reach the server, where it is not the one it listens on.
    pub public_url: Option<PublicUrl>,
    /// Whether clients on other machines may reach the server without TLS. Default false.
    pub insecure_http: bool,
    /// The proxies whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: TrustedProxies,
    /// Whether people may make accounts for themselves. Default `open`.
    pub registration: Registration,
    /// How much of the schema introspection shows. Default `role`.
    pub introspection: Introspection,
    /// Whether the page at `/` is the playground, where that was said: see [`Config::playground`].
    pub playground: Option<bool>,
    /// Whether figures are shown at `/metrics`, where that was said: see [`Config::metrics`].
    pub metrics: Option<bool>,
    /// How long the server accepts requests after it was told to stop. Default none.
    pub shutdown_delay: Duration,
    /// What is logged, and how.
    pub log: Log,
    /// Access tokens.
    pub token: Token,
    /// Sessions.
    pub session: Session,
    /// Rules for new passwords.
    pub password: Password,
    /// Accounts.
    pub account: Account,
    /// The cost of a password hash.
    pub hash: Hash,
    /// The audit trail.
    pub audit: Audit,
    /// Limits on requests.
    pub limits: Limits,
    /// Pages of other sites.
    pub cors: Cors,
    /// The first administrator, where it is made by configuration.
    pub admin: Admin,
    origins: BTreeMap<String, Origin>,
    file: Option<PathBuf>,
    secret_files: Vec<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4000)),
            data_dir: PathBuf::from("data"),
            database_url: None,
            database_max_connections: 20,
            public_url: None,
            insecure_http: false,
            trusted_proxies: TrustedProxies::default(),
            registration: Registration::Open,
            introspection: Introspection::Role,
            playground: None,
            metrics: None,
            shutdown_delay: Duration::ZERO,
            log: Log::default(),
            token: Token::default(),
            session: Session::default(),
            password: Password::default(),
            account: Account::default(),
            hash: Hash::default(),
            audit: Audit::default(),
            limits: Limits::default(),
            cors: Cors::default(),
            admin: Admin::default(),
            origins: BTreeMap::new(),
            file: None,
            secret_files: Vec::new(),
        }
    }
}

impl Config {
    /// The settings that `sources` give on top of the defaults. Reads nothing of the process.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once: unknown keys, wrong types, weak secrets, values out of range or at odds with
    /// each other.
    pub fn load(sources: Sources) -> Result<Self, ConfigErrors> {
        let file = sources.file.as_ref().map(|file| PathBuf::from(&file.name));
        let mut secret_files: Vec<_> = sources.secrets.iter().map(|(_, file)| PathBuf::from(&file.name)).collect();
        let port = sources.flags.port;
        let (settings, mut problems) = sources.settings();
        let mut config = Self::default();
        if settings.iter().any(Setting::is_secret_in_file) {
            secret_files.extend(file.clone());
        }
        (config.file, config.secret_files) = (file, secret_files);
        for setting in settings {
            match setting.key.set(&mut config, &setting.text) {
                Ok(()) => {
                    config.origins.insert(setting.key.path().to_owned(), setting.origin);
                }
                Err(reason) => problems.push(Problem::at(setting.key, &setting.origin, reason)),
            }
        }
        if let Some(port) = port {
            config.listen.set_port(port);
            config.origins.insert("listen".to_owned(), Origin::Port);
        }
        // Rules between settings would only repeat, in other words, what is already known to be wrong.
        if problems.is_empty() {
            problems = rules::broken_by(&config);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigErrors::new(problems)) }
    }

    /// Where the setting `key` was written.
    #[must_use]
    pub fn origin(&self, key: &Key) -> Origin {
        self.origins.get(key.path()).cloned().unwrap_or(Origin::Default)
    }

    /// The configuration file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The files that settings which are secret were read from.
    #[must_use]
    pub fn secret_files(&self) -> &[PathBuf] {
        &self.secret_files
    }

    /// The database to open: the configured one, or the file `fieldguard.db` in the data directory. A relative path starts at
    /// the working directory of this moment.
    #[must_use]
    pub fn database(&self) -> Location {
        let file = || Location::file(self.data_dir.join("fieldguard.db"));
        self.database_url.as_ref().map_or_else(file, |url| url.location().clone())
    }

    /// The database to open, for people: the absolute path of its file, or its URL without secrets.
    #[must_use]
    pub fn database_label(&self) -> String {
        match (self.database(), &self.database_url) {
            (Location::File(path), _) => path.display().to_string(),
            (_, Some(url)) => url.redacted(),
            (_, None) => String::new(),
        }
    }

    /// The base of the server's own addresses, without a slash at its end: `public_url`, or `http://` and the address
    /// it listens on.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{}", self.listen), |url| url.as_str().to_owned())
    }

    /// Whether the page at `/` is the playground: as configured, or else only where nobody but this machine reaches it.
    #[must_use]
    pub fn playground(&self) -> bool {
        self.playground.unwrap_or_else(|| self.listens_on_loopback())
    }

    /// Whether figures are shown at `/metrics`: as configured, or else only where nobody but this machine reaches it.
    #[must_use]
    pub fn metrics(&self) -> bool {
        self.metrics.unwrap_or_else(|| self.listens_on_loopback())
    }

    /// Whether nothing but this machine can reach the server.
    #[must_use]
    pub fn listens_on_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    /// The issuer (`iss`) of the access tokens: `token.issuer`, or `public_url`. Without both, the database keeps it.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        let issuer = self.token.issuer.as_ref().map(Text::as_str);
        issuer.or_else(|| self.public_url.as_ref().map(PublicUrl::as_str)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests;
