//! The keys that sign access tokens, for the operator: where they come from, which one signs, how another follows it. Nothing
//! of this is in the schema.
//!
//! A key comes from the settings, or is generated here. A row of the database says what it may do. The private half of a
//! generated key is in the data directory or, so that replicas agree on it, in PostgreSQL.
//!
//! A rotation has two steps: the new key is published, and from `LEAD` later on it signs. Every server reads the database
//! more often than that, so each accepts the new key before the first token of it exists. The former key verifies until its
//! last token has expired; only its public half is kept.

mod copied;
mod kept;
mod list;
mod load;
mod lookups;
mod reload;
mod retire;
mod rotate;

use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

pub use copied::PrivateKey;
pub use kept::Start;
pub use list::{Listed, State};
pub use rotate::Rotated;

use self::{lookups::Lookups, reload::Reads};
use crate::clock::Clock;
use fieldguard_auth::{
    keys::{Algorithm, Key, KeyError, directory::Directory, file::FileError},
    token::keys_outlive,
};
use fieldguard_store::{self as store, Store, Tx};

/// How long a key is published before it signs; each server reads the keys twice a second.
const LEAD: TimeDelta = TimeDelta::seconds(2);

/// How long a server may go on signing with a key whose time is over. One that could not read the keys for longer is not ready.
const LATE: TimeDelta = TimeDelta::seconds(15);

/// Where keys come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A secret of the settings, `token.secret`.
    Secret(Key),
    /// A file of the settings, `token.key_file`.
    File(Algorithm, PathBuf),
    /// They are made here; without a shared database, the private halves are in this directory.
    Made(Directory),
}

/// The keys of this server.
#[derive(Debug)]
pub struct Keyring {
    source: Source,
    store: Store,
    /// How long an access token is valid.
    lifetime: TimeDelta,
    clock: Clock,
    reads: Reads,
    lookups: Lookups,
}

/// Why keys cannot be used, or a change of them was not made, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database cannot be used")]
    Store(#[from] store::Error),
    /// A database that is being copied failed.
    #[error(transparent)]
    Copy(#[from] store::backup::Error),
    /// A key is none, or of another kind.
    #[error("the signing key cannot be used")]
    Key(#[from] KeyError),
    /// The file of a key cannot be used.
    #[error("the file of the signing key cannot be used")]
    File(#[from] FileError),
    /// The key is one of the settings.
    #[error("the signing key is that of the setting `{0}`: {1}")]
    Configured(&'static str, &'static str),
    /// Another key was scheduled in the meantime.
    #[error("another rotation has just happened; see `fieldguard keys list`")]
    Raced,
    /// No key has that name.
    #[error("there is no key `{0}`; see `fieldguard keys list`")]
    Unknown(String),
    /// The key that signs cannot be retired.
    #[error("that key signs; run `fieldguard keys rotate` first, or `fieldguard keys rotate --now` after a leak")]
    Signs,
    /// The key signs until another one does.
    #[error("that key signs until {}; retire it then, or run `fieldguard keys rotate --now` first", in_seconds(.0))]
    SignsUntil(DateTime<Utc>),
    /// The key will sign.
    #[error("that key signs from {} on; run `fieldguard keys rotate --now` first", in_seconds(.0))]
    WillSign(DateTime<Utc>),
    /// It was retired before.
    #[error("that key is retired already")]
    Retired,
}

impl Keyring {
    /// The keys from that source, for access tokens that are valid for `lifetime`. A manual clock stands for that of the database, too.
    #[must_use]
    pub fn new(source: Source, store: Store, lifetime: TimeDelta, clock: Clock) -> Self {
        Self { source, store, lifetime, clock, reads: Reads::default(), lookups: Lookups::default() }
    }

    /// The time by which all servers on this database schedule keys: the database's.
    async fn now(&self) -> Result<DateTime<Utc>, Error> {
        let shared = if self.clock.is_system() { self.store.database_time().await? } else { self.clock.of_database() };
        Ok(shared.unwrap_or_else(|| self.clock.now()))
    }

    /// The same within a transaction.
    async fn now_in(&self, tx: &Tx) -> Result<DateTime<Utc>, Error> {
        let shared = if self.clock.is_system() { tx.database_time().await? } else { self.clock.of_database() };
        Ok(shared.unwrap_or_else(|| self.clock.now()))
    }

    /// Until when a key verifies that signs no more from `from` on.
    fn until(&self, from: DateTime<Utc>) -> DateTime<Utc> {
        from + keys_outlive(self.lifetime, LATE)
    }

    /// Where generated keys are, or what to say where they are not generated here.
    fn made(&self) -> Result<&Directory, Error> {
        match &self.source {
            Source::Made(directory) => Ok(directory),
            Source::File(..) => Err(Error::Configured(
                "token.key_file",
                "put another key into the file and send the server SIGHUP; the former key verifies until its last token has \
                 expired",
            )),
            Source::Secret(_) => {
                Err(Error::Configured("token.secret", "change it and start the server again; tokens made before end"))
            }
        }
    }
}

fn in_seconds(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
