//! The key that encrypts secrets in the database, and where it is kept: in the configuration or, for a single server,
//! in a file of the data directory that is created when the first secret is stored.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use super::error::Error;
use fieldguard_auth::{
    encryption::{EncryptionKey, WrongKey},
    keys::file::{self, FileError},
};
use fieldguard_store::{self as store, Store};

/// The source of the key.
pub struct Encryption {
    key: OnceLock<Arc<EncryptionKey>>,
    /// The file of the key, if it is not configured.
    file: Option<PathBuf>,
}

/// Why stored secrets can't be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no key.
    #[error("there is no key")]
    Missing,
    /// It is another key.
    #[error(transparent)]
    Wrong(#[from] WrongKey),
    /// The file can't be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Encryption {
    /// A key from the configuration: text with at least 32 random bytes.
    #[must_use]
    pub fn configured(text: &str) -> Self {
        Self { key: OnceLock::from(Arc::new(EncryptionKey::from_text(text))), file: None }
    }

    /// A key in this file, which is created when the first secret is stored.
    #[must_use]
    pub const fn in_file(path: PathBuf) -> Self {
        Self { key: OnceLock::new(), file: Some(path) }
    }

    /// No key: no secret can be stored.
    #[must_use]
    pub const fn missing() -> Self {
        Self { key: OnceLock::new(), file: None }
    }

    /// Checks that the key opens the stored secrets.
    ///
    /// # Errors
    ///
    /// [`KeyError`] in the inner result, for the operator.
    pub async fn check(&self, store: &Store) -> Result<Result<(), KeyError>, store::Error> {
        let Some((user, sealed)) = store::second_factors::any_secret(store).await? else { return Ok(Ok(())) };
        Ok(self.stored_key().and_then(|key| Ok(key.open(user, &sealed).map(drop)?)))
    }

    /// The key, which is created if this is the first secret.
    pub(super) fn key_for_new_secret(&self) -> Result<Arc<EncryptionKey>, Error> {
        match (self.key.get(), &self.file) {
            (Some(key), _) => Ok(Arc::clone(key)),
            (None, None) => Err(Error::NoEncryptionKey),
            (None, Some(path)) => {
                let text = file::read_or_create(path, EncryptionKey::fresh).map_err(KeyError::from)?;
                Ok(self.remember(&text))
            }
        }
    }

    /// The key of the stored secrets.
    pub(super) fn stored_key(&self) -> Result<Arc<EncryptionKey>, KeyError> {
        match (self.key.get(), &self.file) {
            (Some(key), _) => Ok(Arc::clone(key)),
            (None, None) => Err(KeyError::Missing),
            (None, Some(path)) => match file::read(path) {
                Err(FileError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Err(KeyError::Missing),
                text => Ok(self.remember(&text?)),
            },
        }
    }

    fn remember(&self, text: &str) -> Arc<EncryptionKey> {
        Arc::clone(self.key.get_or_init(|| Arc::new(EncryptionKey::from_text(text))))
    }
}
