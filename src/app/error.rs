//! Why the server did not start or a command failed, as messages for the operator.

use std::{path::PathBuf, sync::Arc};

use fieldguard_guard::registry::Fault;

use crate::{
    accounts, cli,
    config::{ConfigErrors, Problem},
    store,
    telemetry::otlp,
};

/// Why the server did not start or a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings are invalid.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Other users of the machine can change a path that holds secrets.
    #[error("{0}")]
    Exposed(String),
    /// The database failed after it was opened.
    #[error("the database is not available")]
    Store(#[from] store::Error),
    /// The database cannot be opened or used. The text names it and the cause.
    #[error("{0}")]
    Database(String),
    /// Another server runs on the database, or the check for one failed.
    #[error(transparent)]
    Presence(#[from] store::presence::Error),
    /// A use case failed.
    #[error(transparent)]
    Accounts(#[from] accounts::error::Error),
    /// The key file cannot be used at startup. Errors of a running server do not name the path, because they are
    /// logged.
    #[error("the signing key in `{}` cannot be used", place.display())]
    KeyFile {
        /// The file, or the directory where keys are generated.
        place: PathBuf,
        /// The cause.
        source: accounts::keyring::Error,
    },
    /// The database has secrets that the encryption key does not open.
    #[error(
        "the secrets of authenticator apps in the database need the key with which they were encrypted, in {place}"
    )]
    EncryptionKey {
        /// Where the key is expected.
        place: String,
        /// The cause.
        source: accounts::encryption::KeyError,
    },
    /// The destination of security events cannot be opened.
    #[error("security events cannot be written to the destination in `log.security`")]
    SecurityLog(#[source] std::io::Error),
    /// The client for the collector of traces and metrics cannot be created.
    #[error(transparent)]
    Otlp(#[from] otlp::ClientError),
    /// The keys cannot be used or changed.
    #[error(transparent)]
    Keys(#[from] accounts::keyring::Error),
    /// The stored key that seals refresh tokens is damaged.
    #[error(
        "the key in the table `secrets` that seals refresh tokens is damaged; delete its row to create a new one, which signs every user out"
    )]
    RefreshKey,
    /// The stored key that seals cursors is damaged.
    #[error("the key in the table `secrets` that seals cursors is damaged; delete its row to create a new one")]
    Cursors,
    /// `HS256` without a secret, or another algorithm without a key, in settings that a program made.
    #[error("the setting `{0}` is missing")]
    Missing(&'static str),
    /// The configured issuer of access tokens differs from the deployment's.
    #[error(
        "the issuer of this deployment is `{kept}`, and `{setting}` changes it to `{configured}`; set `token.issuer = \"{kept}\"`, \
 or stop every server and run `fieldguard issuer set {configured}` to move the deployment: access tokens issued before \
 are then refused"
    )]
    IssuerMismatch {
        /// The setting.
        setting: &'static str,
        /// The configured issuer.
        configured: String,
        /// The issuer stored in the database.
        kept: String,
    },
    /// The given text is not a valid issuer.
    #[error("invalid issuer: {0}")]
    Issuer(Problem),
    /// The schema has faults.
    #[error("the schema has faults:{}", lines(.0))]
    Schema(Vec<Fault>),
    /// No password was entered.
    #[error(transparent)]
    Password(#[from] cli::password::Error),
    /// The audit log was modified.
    #[error("the audit log is broken: event {number} {fault}")]
    BrokenAuditLog {
        /// The sequence number of the first broken event.
        number: i64,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// No account has this id or name.
    #[error("there is no account `{0}`")]
    UnknownUser(String),
    /// No role has this name.
    #[error("there is no role `{0}`")]
    UnknownRole(String),
    /// No webhook event has this id.
    #[error("there is no webhook event `{0}`")]
    UnknownWebhookEvent(String),
    /// No receiver of webhooks is configured.
    #[error("no receiver of webhooks is configured; set `webhooks.url` and `webhooks.secret`")]
    NoReceiver,
    /// The receiver of webhooks did not answer.
    #[error("the receiver of webhooks did not answer: {0}: {1}")]
    NoAnswer(&'static str, String),
    /// The receiver of webhooks did not accept an event.
    #[error("the receiver did not accept the event")]
    WebhookRefused,
    /// Webhooks can't be sent.
    #[error(
        "webhooks can't be sent: TLS needs the certificates of authorities, such as those of the package ca-certificates"
    )]
    Webhooks(#[source] reqwest::Error),
    /// The access tables cannot be compared.
    #[error("the access tables cannot be compared")]
    AccessDiff(#[source] Box<Self>),
    /// Documents that cannot be explained: a file or a document is wrong.
    #[error("{0}")]
    Documents(String),
    /// An access table file cannot be read.
    #[error("cannot read `{0}`")]
    Unreadable(String, #[source] std::io::Error),
    /// A file is not an access table.
    #[error("`{0}` is not an access table; create one with `fieldguard access --format json`")]
    NotAnAccessTable(String, #[source] serde_json::Error),
    /// A file of users to import cannot be read.
    #[error("cannot read the users in `{0}`: {1}")]
    ImportFile(String, String),
    /// The output of a command cannot be written.
    #[error("cannot write the output")]
    Output(#[source] std::io::Error),
    /// A backup was not created.
    #[error("cannot save a backup to `{0}`")]
    Backup(String, #[source] store::backup::Error),
    /// The backup file exists.
    #[error("`{0}` already exists; pass --replace to overwrite it")]
    Exists(String),
    /// A backup was not restored. The database is unchanged.
    #[error("cannot restore `{0}`")]
    Restore(String, #[source] store::backup::Error),
    /// The database has rows that a restore would delete.
    #[error(
        "the database {0} is not empty (the table `{1}` has rows); pass --replace to delete everything in it and restore the backup"
    )]
    TargetNotEmpty(String, String),
    /// A database was not copied. The target is unchanged.
    #[error("cannot copy the database")]
    Copy(#[source] store::backup::Error),
    /// A command-line argument is invalid. Its value may be secret.
    #[error("{0}: {1}")]
    Argument(&'static str, String),
    /// SIGTERM or SIGINT interrupted the command.
    #[error("interrupted; the command was either completed or rolled back")]
    Interrupted,
    /// The server cannot listen on the address.
    #[error("cannot listen on {0}")]
    Listen(String, #[source] std::io::Error),
    /// A socket that systemd passed on cannot be used.
    #[error("cannot use the sockets in LISTEN_FDS; `ListenStream=` of the .socket unit must name an address or a path")]
    Inherited(#[source] std::io::Error),
    /// The network or a signal handler failed.
    #[error("the server stopped")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Whether the input is wrong, as opposed to a failure, so that scripts can tell them apart.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Exposed(_)
            | Self::Missing(_)
            | Self::AccessDiff(_)
            | Self::Documents(_)
            | Self::Unreadable(..)
            | Self::ImportFile(..)
            | Self::IssuerMismatch { .. }
            | Self::Issuer(_)
            | Self::NoReceiver
            | Self::Argument(..) => true,
            Self::Restore(_, error) => error.is_in_file(),
            _ => false,
        }
    }

    /// If the database is the cause, replaces the error with one that names the database.
    pub(super) fn naming_database(self, words: impl FnOnce(&store::Error) -> String) -> Self {
        // It says what failed, and its cause already names the database.
        if matches!(self, Self::AccessDiff(_)) {
            return self;
        }
        let text = store_error(&self).map(words);
        text.map_or(self, Self::Database)
    }

    /// Whether the reader of the output has closed it, as `head` does.
    #[must_use]
    pub fn is_closed_output(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// The database error behind this error.
fn store_error(error: &Error) -> Option<&store::Error> {
    let behind = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source());
    behind.into_iter().find_map(|error| {
        let shared = || error.downcast_ref::<Arc<store::Error>>().map(|shared| &**shared);
        error.downcast_ref().or_else(shared)
    })
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().fold(String::new(), |lines, fault| format!("{lines}\n  - {fault}"))
}
