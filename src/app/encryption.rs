//! The source of the key that encrypts secrets in the database: the configuration, or a file beside the SQLite
//! database.

use super::Error;
use crate::{
    accounts::encryption::Encryption,
    config::Config,
    store::{Location, Store},
};

/// The file of the key in the data directory.
pub(super) const FILE: &str = "encryption.key";

/// Whether no secret can be stored: PostgreSQL, without a configured key.
pub(super) fn is_missing(config: &Config) -> bool {
    config.encryption.key.is_none() && matches!(config.database(), Location::Postgres(_))
}

/// The key for these settings.
pub(super) fn source(config: &Config) -> Encryption {
    match (&config.encryption.key, config.database()) {
        (Some(key), _) => Encryption::configured(key.expose()),
        (None, Location::Postgres(_)) => Encryption::missing(),
        (None, _) => Encryption::in_file(config.data_dir.join(FILE)),
    }
}

/// Checks at the start of a server that the key opens the stored secrets. Commands run without, or no second factor
/// could be reset after the key is lost.
///
/// # Errors
///
/// [`Error::EncryptionKey`].
pub(super) async fn check(config: &Config, encryption: &Encryption, store: &Store) -> Result<(), Error> {
    encryption.check(store).await?.map_err(|source| Error::EncryptionKey { place: place(config), source })
}

/// Where the key is expected.
fn place(config: &Config) -> String {
    match (&config.encryption.key, config.database()) {
        (Some(_), _) | (None, Location::Postgres(_)) => "the setting `encryption.key`".to_owned(),
        (None, _) => format!("the file `{}`", config.data_dir.join(FILE).display()),
    }
}
