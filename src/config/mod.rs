//! All settings, in one struct that is read once at startup.
//!
//! A setting comes from its default, the configuration file, an environment variable or a flag; the later source wins.
//! Names, help and allowed values are in one table, [`keys`](fn@keys). The file `fieldguard.default.toml` documents
//! them and is tested against the table. An invalid value stops the startup with an error that names the key and its
//! source, but never the value of a secret.
//!
//! Only this module reads the environment. It opens no database, reads no key files, and does not read the clock.

mod allowed_origins;
mod audit_retention;
mod choice;
mod claims;
mod database_url;
mod duration;
mod error;
mod file;
mod headers;
mod http_url;
mod key;
mod limits;
mod listen;
mod mail;
mod names;
mod reference;
mod rules;
mod secret;
mod sections;
mod security_log;
mod service_links;
mod show;
mod sources;
mod strength;
mod table;
mod text;
mod trusted_proxies;
mod value;
mod webhooks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use allowed_origins::AllowedOrigins;
pub use audit_retention::AuditRetention;
pub use choice::{
    Algorithm, ClientAddress, DatabasePooling, Introspection, LogFormat, Registration, SameSite, SmtpTls,
};
pub use claims::Claims;
pub use database_url::DatabaseUrl;
pub use error::{ConfigErrors, Problem};
pub use http_url::HttpUrl;
pub use key::Key;
pub use limits::Limits;
pub(crate) use listen::is_localhost;
pub use listen::{Endpoint, Listen};
pub use mail::{MailLink, MailSender};
pub use names::Names;
pub use reference::markdown_table;
pub use secret::Secret;
pub use sections::{
    Account, Admin, Audit, Cors, Encryption, Hash, Log, Mail, Otlp, Password, Session, SignIn, Tls, Token, Webhooks,
};
pub use security_log::SecurityLog;
pub use sources::{DEFAULT_FILE_NAME, File, Flags, Origin, Sources};
pub use table::keys;
pub use text::{Filter, Text};
pub use trusted_proxies::TrustedProxies;
pub use webhooks::{WebhookEvents, WebhookSecret, WebhookUrl};

use self::sources::Setting;
use crate::store::Location;

/// The configuration file that documents every setting with its default.
pub const DEFAULT_FILE: &str = include_str!("../../fieldguard.default.toml");

/// All settings. [`Config::load`] validates each setting and their combination.
#[derive(Debug, Clone)]
pub struct Config {
    /// The addresses to accept connections on. Default `127.0.0.1:4000`.
    pub listen: Listen,
    /// The directory of the embedded database and the signing key. Default `data`.
    pub data_dir: PathBuf,
    /// The database, if it is not the one in `data_dir`: see [`Config::database`].
    pub database_url: Option<DatabaseUrl>,
    /// The maximum number of open database connections. Default 20.
    pub database_max_connections: u32,
    /// How a pooler in front of PostgreSQL assigns connections. Default `session`.
    pub database_pooling: DatabasePooling,
    /// The address that clients use, if it is not the address the server listens on.
    pub public_url: Option<HttpUrl>,
    /// Whether clients on other machines may reach the server without TLS. Default false.
    pub insecure_http: bool,
    /// The proxies that are trusted to name the client. Default none.
    pub trusted_proxies: TrustedProxies,
    /// How they name it. Default `x-forwarded-for`.
    pub client_address: ClientAddress,
    /// Whether users may register. Default `open`.
    pub registration: Registration,
    /// How much of the schema introspection shows. Default `role`.
    pub introspection: Introspection,
    /// Whether the page at `/` is the playground, if configured: see [`Config::playground`].
    pub playground: Option<bool>,
    /// Whether `/metrics` shows metrics, if configured: see [`Config::metrics`].
    pub metrics: Option<bool>,
    /// The addresses to serve `/metrics` on, alone. Default none: `listen` serves it, too.
    pub metrics_listen: Option<Listen>,
    /// How long the server accepts requests after a stop signal. Default 0.
    pub shutdown_delay: Duration,
    /// The log's level and format.
    pub log: Log,
    /// TLS without a proxy.
    pub tls: Tls,
    /// Access tokens.
    pub token: Token,
    /// Sessions.
    pub session: Session,
    /// Rules for new passwords.
    pub password: Password,
    /// Accounts.
    pub account: Account,
    /// Sign-in.
    pub sign_in: SignIn,
    /// Encryption of secrets in the database.
    pub encryption: Encryption,
    /// The cost of a password hash.
    pub hash: Hash,
    /// The audit log.
    pub audit: Audit,
    /// Mail.
    pub mail: Mail,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// Limits on requests.
    pub limits: Limits,
    /// Traces and metrics for a collector.
    pub otlp: Otlp,
    /// Access from pages of other sites.
    pub cors: Cors,
    /// The first administrator, if the configuration creates one.
    pub admin: Admin,
    origins: BTreeMap<String, Origin>,
    file: Option<PathBuf>,
    secret_files: Vec<PathBuf>,
}

/// How mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailDelivery {
    /// To a mail server.
    Smtp,
    /// To files in the data directory.
    Files,
    /// Not at all.
    Off,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Listen::default(),
            data_dir: PathBuf::from("data"),
            database_url: None,
            database_max_connections: 20,
            database_pooling: DatabasePooling::default(),
            public_url: None,
            insecure_http: false,
            trusted_proxies: TrustedProxies::default(),
            client_address: ClientAddress::default(),
            registration: Registration::Open,
            introspection: Introspection::Role,
            playground: None,
            metrics: None,
            metrics_listen: None,
            shutdown_delay: Duration::ZERO,
            log: Log::default(),
            tls: Tls::default(),
            token: Token::default(),
            session: Session::default(),
            password: Password::default(),
            account: Account::default(),
            sign_in: SignIn::default(),
            encryption: Encryption::default(),
            hash: Hash::default(),
            audit: Audit::default(),
            mail: Mail::default(),
            webhooks: Webhooks::default(),
            limits: Limits::default(),
            otlp: Otlp::default(),
            cors: Cors::default(),
            admin: Admin::default(),
            origins: BTreeMap::new(),
            file: None,
            secret_files: Vec::new(),
        }
    }
}

impl Config {
    /// Merges the settings of `sources` with the defaults. Does not read the environment or files.
    ///
    /// # Errors
    ///
    /// All problems at once: unknown keys, wrong types, weak secrets, and values out of range or in conflict.
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
            if !config.listen.set_port(port) {
                problems.push(Problem::new("`--port` needs an IP address or a host name in `listen`"));
            }
            config.origins.insert("listen".to_owned(), Origin::Port);
        }
        // Otherwise these rules would report the same problems again.
        if problems.is_empty() {
            problems = rules::violations(&config);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigErrors::new(problems)) }
    }

    /// The source of the setting `key`.
    #[must_use]
    pub fn origin(&self, key: &Key) -> Origin {
        self.origins.get(key.path()).cloned().unwrap_or(Origin::Default)
    }

    /// A problem with the setting `path` that is found where it is used. `reason` continues the sentence after its
    /// name.
    ///
    /// # Panics
    ///
    /// If there is no such setting.
    pub(crate) fn problem(&self, path: &str, reason: impl AsRef<str>) -> Problem {
        let key = keys().iter().find(|key| key.path() == path).expect("callers name keys of the table");
        Problem::at(key, &self.origin(key), reason)
    }

    /// The configuration file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The files from which secret settings were read.
    #[must_use]
    pub fn secret_files(&self) -> &[PathBuf] {
        &self.secret_files
    }

    /// The database to open: the configured one, or the file `fieldguard.db` in the data directory. A relative path is
    /// resolved against the current working directory.
    #[must_use]
    pub fn database(&self) -> Location {
        let file = || Location::file(self.data_dir.join("fieldguard.db"));
        self.database_url.as_ref().map_or_else(file, |url| url.location().clone())
    }

    /// The database to open, for display: the absolute path of its file, or its URL without secrets.
    #[must_use]
    pub fn database_label(&self) -> String {
        match (self.database(), &self.database_url) {
            (Location::File(path), _) => path.display().to_string(),
            (_, Some(url)) => url.redacted(),
            (_, None) => String::new(),
        }
    }

    /// The base of the server's URLs, without a trailing slash: `public_url`, or `http://` and the first address it
    /// listens on. With TLS, `https://` and the first that is not a Unix socket.
    #[must_use]
    pub fn base_url(&self) -> String {
        let own = || self.listen.base_url(self.speaks_tls());
        self.public_url.as_ref().map_or_else(own, |url| url.as_str().to_owned())
    }

    /// Whether the server speaks TLS on its TCP ports, without a proxy.
    #[must_use]
    pub const fn speaks_tls(&self) -> bool {
        self.tls.certificate.is_some()
    }

    /// Whether the page at `/` is the playground: as configured, or else only if the server listens on a loopback
    /// address.
    #[must_use]
    pub fn playground(&self) -> bool {
        self.playground.unwrap_or_else(|| self.listens_on_loopback())
    }

    /// Whether `/metrics` shows metrics on the addresses of `listen`: as configured, or else only if the server listens
    /// on a loopback address and metrics have no address of their own.
    #[must_use]
    pub fn metrics(&self) -> bool {
        self.metrics.unwrap_or_else(|| self.listens_on_loopback() && self.metrics_listen.is_none())
    }

    /// How mails are sent: over SMTP if `mail.smtp_host` is set, to files if only this machine uses the server, and else not
    /// at all.
    #[must_use]
    pub fn mail_delivery(&self) -> MailDelivery {
        let is_local = |url: &HttpUrl| mail::is_this_machine(url.host());
        if self.mail.smtp_host.is_some() {
            MailDelivery::Smtp
        } else if self.listens_on_loopback() && self.public_url.as_ref().is_none_or(is_local) {
            MailDelivery::Files
        } else {
            MailDelivery::Off
        }
    }

    /// The directory of mails on a server without SMTP.
    #[must_use]
    pub fn mail_directory(&self) -> PathBuf {
        self.data_dir.join("outbox")
    }

    /// Whether only this machine can reach the server.
    #[must_use]
    pub fn listens_on_loopback(&self) -> bool {
        self.listen.is_local()
    }

    /// Replaces `listen` by the addresses of sockets that systemd opened.
    ///
    /// # Errors
    ///
    /// As [`Config::load`], if other machines can reach one of them.
    pub(crate) fn listen_on_inherited(&mut self, endpoints: Vec<Endpoint>) -> Result<(), ConfigErrors> {
        self.listen = endpoints.into();
        self.origins.insert("listen".to_owned(), Origin::Sockets);
        let problems = rules::violations(self);
        if problems.is_empty() { Ok(()) } else { Err(ConfigErrors::new(problems)) }
    }

    /// The issuer (`iss`) of the access tokens: `token.issuer`, or `public_url`. Without both, the database stores it.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        let issuer = self.token.issuer.as_ref().map(Text::as_str);
        issuer.or_else(|| self.public_url.as_ref().map(HttpUrl::as_str)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests;
