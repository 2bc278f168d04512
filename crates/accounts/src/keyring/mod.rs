//! The keys that sign access tokens: where they come from, which one signs, and how they rotate. Only operators manage
//! them; the schema does not expose them.
//!
//! A key comes from the configuration or is generated here. Its database row holds its state. The private half of a
//! generated key is stored in the data directory or, so that replicas share it, in PostgreSQL.
//!
//! A rotation has two steps: the new key is published, and `LEAD` later it starts to sign. Every server reads the
//! database more often than that, so each accepts the new key before its first token exists. The former key verifies
//! until its last token has expired; only its public half is kept.

mod copy;
mod list;
mod load;
mod lookups;
mod reload;
mod retire;
mod rotate;
mod schedule;
mod signing;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

pub use copy::PrivateKey;
pub use list::{Listed, State};
pub use rotate::Rotated;
pub use schedule::Start;
pub use signing::Signing;

use self::{lookups::Lookups, reload::Reads};
use crate::clock::Clock;
use fieldguard_auth::{
    keys::{Algorithm, Key, KeyError, directory::Directory, file::FileError},
    token::keys_outlive,
};
use fieldguard_store::{self as store, Store, Tx};

/// How long a key is published before it signs. Each server reads the keys twice a second.
const LEAD: TimeDelta = TimeDelta::seconds(2);

/// How long a server may continue to sign with a key that has been replaced. A server that could not read the keys for
/// longer is not ready.
const LATE: TimeDelta = TimeDelta::seconds(15);

/// Where keys come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The configured secret, `token.secret`.
    Secret(Key),
    /// The configured key file, `token.key_file`.
    File(Algorithm, PathBuf),
    /// Keys are generated here. Without a shared database, the private halves are in this directory.
    Made(Directory),
}

/// The signing keys of this server.
#[derive(Debug)]
pub struct Keyring {
    source: Source,
    store: Store,
    /// How long an access token is valid.
    lifetime: TimeDelta,
    clock: Clock,
    reads: Reads,
    lookups: Lookups,
    /// When the signing key was created, as last read.
    created_at: Mutex<Option<DateTime<Utc>>>,
}

/// Why keys cannot be used or changed, as a message for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database is not available")]
    Store(#[from] store::Error),
    /// A database that is being copied failed.
    #[error(transparent)]
    Copy(#[from] store::backup::Error),
    /// A key is invalid or of another kind.
    #[error("the signing key cannot be used")]
    Key(#[from] KeyError),
    /// The key file cannot be used.
    #[error("the signing key file cannot be used")]
    File(#[from] FileError),
    /// The key is a configured one.
    #[error("the signing key is configured with `{0}`: {1}")]
    Configured(&'static str, &'static str),
    /// Another key was scheduled in the meantime.
    #[error("another rotation has just happened; see `fieldguard keys list`")]
    Raced,
    /// No key has this id.
    #[error("there is no key `{0}`; see `fieldguard keys list`")]
    Unknown(String),
    /// The signing key cannot be retired.
    #[error("that key signs; run `fieldguard keys rotate` first, or `fieldguard keys rotate --now` after a leak")]
    Signs,
    /// The key signs until another one starts.
    #[error("that key signs until {}; retire it then, or run `fieldguard keys rotate --now` first", in_seconds(.0))]
    SignsUntil(DateTime<Utc>),
    /// The key is scheduled to sign.
    #[error("that key signs from {} on; run `fieldguard keys rotate --now` first", in_seconds(.0))]
    WillSign(DateTime<Utc>),
    /// It is already retired.
    #[error("that key is already retired")]
    Retired,
}

impl Keyring {
    /// The keys from that source, for access tokens that are valid for `lifetime`. A manual clock also replaces the
    /// clock of the database.
    #[must_use]
    pub fn new(source: Source, store: Store, lifetime: TimeDelta, clock: Clock) -> Self {
        let (reads, lookups) = (Reads::default(), Lookups::default());
        Self { source, store, lifetime, clock, reads, lookups, created_at: Mutex::default() }
    }

    /// When the signing key was created, as last read. `None` for a configured secret.
    pub(crate) fn signing_key_created_at(&self) -> Option<DateTime<Utc>> {
        *self.created_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time that all servers use to schedule keys: that of the database.
    async fn now(&self) -> Result<DateTime<Utc>, Error> {
        let shared = if self.clock.is_system() { self.store.database_time().await? } else { self.clock.of_database() };
        Ok(shared.unwrap_or_else(|| self.clock.now()))
    }

    /// The same within a transaction.
    async fn now_in(&self, tx: &Tx) -> Result<DateTime<Utc>, Error> {
        let shared = if self.clock.is_system() { tx.database_time().await? } else { self.clock.of_database() };
        Ok(shared.unwrap_or_else(|| self.clock.now()))
    }

    /// Until when a key verifies if it stops signing at `from`.
    fn until(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        from + keys_outlive(self.lifetime, LATE)
    }

    /// The directory of generated keys. If keys are not generated here, the error says how to change them.
    fn made(&self) -> Result<&Directory, Error> {
        match &self.source {
            Source::Made(directory) => Ok(directory),
            Source::File(..) => Err(Error::Configured(
                "token.key_file",
                "put another key into the file and send the server SIGHUP; the former key verifies until its last token has \
                 expired",
            )),
            Source::Secret(_) => Err(Error::Configured(
                "token.secret",
                "change it and restart the server; existing tokens become invalid",
            )),
        }
    }
}

fn in_seconds(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
