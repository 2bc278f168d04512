//! The keys that sign access tokens, for the operator: where they come from, which one signs, how another follows it. Nobody
//! reaches this through the schema.
//!
//! A key comes from the settings, or is made here: then a row of the database says what it may do, and its private half is
//! in the data directory or, so that replicas agree on it, in PostgreSQL. A key that signed before verifies until its last
//! token has expired; of it only the public half is kept.

mod kept;
mod list;
mod load;
mod reload;
mod retire;
mod rotate;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

pub use list::{Listed, State};

use crate::{
    auth::{
        keys::{Algorithm, Key, KeyError, directory::Directory, file::FileError},
        token::TokenSettings,
    },
    store::{self, Store},
};

/// How long it may take until the last server has heard of another key; each asks twice a second.
const LATE: TimeDelta = TimeDelta::seconds(5);

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
    settings: TokenSettings,
    /// When somebody last asked for a key that was unknown. Held while keys are loaded, so that what was read first does not
    /// replace what was read last.
    asked: Mutex<Option<DateTime<Utc>>>,
}

/// Why keys cannot be used, or a change of them was not made, in words for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database cannot be used")]
    Store(#[from] store::Error),
    /// A key is none, or of another kind.
    #[error("the signing key cannot be used")]
    Key(#[from] KeyError),
    /// The file of a key cannot be used.
    #[error("the file of the signing key cannot be used")]
    File(#[from] FileError),
    /// The key is one of the settings.
    #[error("the signing key is that of the setting `{0}`: {1}")]
    Configured(&'static str, &'static str),
    /// Another key began to sign in the meantime.
    #[error("another key has just been made; see `fieldguard keys list`")]
    Raced,
    /// No key has that name.
    #[error("there is no key `{0}`; see `fieldguard keys list`")]
    Unknown(String),
    /// The key that signs cannot be ended.
    #[error("that key signs; `fieldguard keys rotate` first")]
    Signs,
    /// It was ended before.
    #[error("that key is retired already")]
    Retired,
}

impl Keyring {
    /// The keys from that source, for tokens with these settings.
    #[must_use]
    pub fn new(source: Source, store: Store, settings: TokenSettings) -> Self {
        Self { source, store, settings, asked: Mutex::default() }
    }

    /// Until when a key verifies that signs no more from `now` on.
    fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.settings.keys_outlive(LATE)
    }

    /// Where made keys are, or what to say where they are not made here.
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
