//! Copies the private halves of signing keys with a database backup, so that access tokens stay valid.

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{Error, Keyring, Source};
use fieldguard_auth::keys::{Algorithm, Key, directory::Directory};
use fieldguard_store::backup::{Copied, StoredKey};

/// The outcome for the private half of the signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivateKey {
    /// The copy has it where it expects it, or it comes from the configuration, or there is no key yet.
    InPlace,
    /// It is in none of the directories. A server on the copy creates another key. Tokens of the former key stay valid
    /// until they expire.
    Missing(String),
}

impl Keyring {
    /// Stores the private half of each key that may sign where this database, the target of the copy, expects it: in
    /// its row on PostgreSQL, in the directory `to` for SQLite. It comes from the row or from one of the directories
    /// `from`.
    ///
    /// # Errors
    ///
    /// [`Error`] if a key file cannot be read or written, or the database fails.
    pub async fn copy_private_keys(
        &self,
        copied: &Copied,
        from: &[Directory],
        to: Option<&Directory>,
        now: DateTime<Utc>,
    ) -> Result<PrivateKey, Error> {
        let mut result = PrivateKey::InPlace;
        let Source::Made(_) = self.source else { return Ok(result) };
        for StoredKey { kid, private_key, is_last } in copied.signing_keys(now).await? {
            let stored = std::str::from_utf8(&private_key).ok().filter(|pem| !pem.is_empty());
            let found = match stored {
                Some(pem) => Some(Zeroizing::new(pem.to_owned())),
                None => find(from, &kid)?,
            };
            match (found, to) {
                (Some(pem), None) => copied.set_private_key(&kid, pem.as_bytes()).await?,
                (Some(pem), Some(to)) => {
                    to.add(&kid, &pem)?;
                    copied.set_private_key(&kid, &[]).await?;
                }
                // A key that no longer signs has no private half.
                (None, _) if is_last => result = PrivateKey::Missing(kid),
                (None, _) => {}
            }
        }
        Ok(result)
    }
}

fn find(directories: &[Directory], kid: &str) -> Result<Option<Zeroizing<String>>, Error> {
    for directory in directories {
        for pem in [directory.get(kid)?, directory.first()?].into_iter().flatten() {
            if Key::from_pem(Algorithm::Es256, &pem).is_ok_and(|key| key.kid() == kid) {
                return Ok(Some(pem));
            }
        }
    }
    Ok(None)
}
