//! What keeps the server from starting, or a command from being carried out, in words for the operator.

use std::{path::PathBuf, sync::Arc};

use fieldguard_guard::registry::Fault;

use crate::{
    accounts, cli,
    config::{ConfigErrors, Problem},
    store,
};

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Other users of the machine can change what holds secrets.
    #[error("{0}")]
    Exposed(String),
    /// The database failed after it was opened.
    #[error("the database cannot be used")]
    Store(#[from] store::Error),
    /// The database cannot be opened or used; the text names it and the cause.
    #[error("{0}")]
    Database(String),
    /// Another server runs on the database, or that cannot be found out.
    #[error(transparent)]
    Presence(#[from] store::presence::Error),
    /// A use case refused.
    #[error(transparent)]
    Accounts(#[from] accounts::error::Error),
    /// The file of a key cannot be used, when a program starts. Errors of a running server do not say where it is: they are logged.
    #[error("the signing key in `{}` cannot be used", place.display())]
    KeyFile {
        /// The file, or the directory in which keys are made.
        place: PathBuf,
        /// Why.
        source: accounts::keyring::Error,
    },
    /// The keys cannot be used, or a change of them was not made.
    #[error(transparent)]
    Keys(#[from] accounts::keyring::Error),
    /// What the database keeps to seal refresh tokens with is no key.
    #[error(
        "the key in the table `secrets` that seals refresh tokens is damaged; delete its row to have another one made, and everyone signs in anew"
    )]
    RefreshKey,
    /// What the database keeps to seal cursors with is no key.
    #[error("the key in the table `secrets` that seals cursors is damaged; delete its row to have another one made")]
    Cursors,
    /// `HS256` without a secret, or another algorithm without a key: the settings were made by a program.
    #[error("the setting `{0}` is missing")]
    Missing(&'static str),
    /// The settings make the issuer of access tokens another one than the deployment has.
    #[error(
        "the issuer of this deployment is `{kept}`, and `{setting}` makes it `{configured}`; set `token.issuer = \"{kept}\"`, \
         or stop every server and run `fieldguard issuer set {configured}` to move the deployment: access tokens issued before \
         are then refused"
    )]
    AnotherIssuer {
        /// The setting.
        setting: &'static str,
        /// What it makes the issuer.
        configured: String,
        /// What the database keeps.
        kept: String,
    },
    /// What was typed cannot be an issuer.
    #[error("that is no issuer: {0}")]
    Issuer(Problem),
    /// The schema has faults.
    #[error("the schema has faults:{}", lines(.0))]
    Schema(Vec<Fault>),
    /// No password could be had.
    #[error(transparent)]
    Password(#[from] cli::password::Error),
    /// The audit trail is not as it was written.
    #[error("the audit trail is broken: row {number} {fault}")]
    AuditTrail {
        /// The number of the first row that is not.
        number: i64,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// No account has that id or name.
    #[error("there is no account `{0}`")]
    UnknownUser(String),
    /// There is no role of that name.
    #[error("there is no role `{0}`")]
    UnknownRole(String),
    /// Two access tables cannot be compared.
    #[error("the access tables cannot be compared")]
    Incomparable(#[source] Box<Self>),
    /// Documents that should be explained are wrong.
    #[error("{0}")]
    Documents(String),
    /// What should be an access table cannot be read.
    #[error("`{0}` cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    /// What was read is no access table.
    #[error("`{0}` is not what `fieldguard access --format json` prints")]
    NotATable(String, #[source] serde_json::Error),
    /// A command cannot say what it has to say.
    #[error("the answer cannot be written")]
    Output(#[source] std::io::Error),
    /// A backup was not made.
    #[error("cannot save a backup to `{0}`")]
    Backup(String, #[source] store::backup::Error),
    /// The file that a backup should become exists.
    #[error("`{0}` already exists; pass --replace to overwrite it")]
    Exists(String),
    /// A backup was not restored. The database is as it was.
    #[error("cannot restore `{0}`")]
    Restore(String, #[source] store::backup::Error),
    /// There is something in the database that a restore would delete.
    #[error(
        "the database {0} is not empty (the table `{1}` has rows); pass --replace to delete everything in it and restore the backup"
    )]
    TargetNotEmpty(String, String),
    /// A database was not copied. The target is as it was.
    #[error("cannot copy the database")]
    Copy(#[source] store::backup::Error),
    /// An argument of the command line is wrong; its value may be secret.
    #[error("{0}: {1}")]
    Argument(&'static str, String),
    /// SIGTERM or SIGINT ended the command.
    #[error("interrupted; either everything was done or nothing")]
    Interrupted,
    /// The address cannot be listened on.
    #[error("cannot listen on {0}")]
    Listen(std::net::SocketAddr, #[source] std::io::Error),
    /// The network or a signal handler failed.
    #[error("the server stopped")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Is it what was asked that was wrong, rather than that it could not be done? So scripts can tell.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Exposed(_)
            | Self::Missing(_)
            | Self::Incomparable(_)
            | Self::Documents(_)
            | Self::Unreadable(..)
            | Self::AnotherIssuer { .. }
            | Self::Issuer(_)
            | Self::Argument(..) => true,
            Self::Restore(_, error) => error.is_in_file(),
            _ => false,
        }
    }

    /// The same with words that name the database, where the database is the cause.
    pub(super) fn of_database(self, words: impl FnOnce(&store::Error) -> String) -> Self {
        // It says what could not be done, and its cause names the database already.
        if matches!(self, Self::Incomparable(_)) {
            return self;
        }
        let text = store_error(&self).map(words);
        text.map_or(self, Self::Database)
    }

    /// Has whoever read the answer gone away, as `head` does?
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// The failure of the database that is behind this error.
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
