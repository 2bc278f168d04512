//! Tells which key signs. Unlike a load, it generates no key and stores nothing.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, Source};
use fieldguard_auth::keys::{Key, file};
use fieldguard_store::signing_keys::signing_order;

/// The key that signs, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The key id in token headers (`kid`).
    pub kid: String,
    /// When it was generated, or when its file was last written. `None` for a configured secret.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether its private half is there.
    pub can_sign: bool,
}

impl Keyring {
    /// The key that signs. `None` if no server has generated one yet.
    ///
    /// # Errors
    ///
    /// [`Error`] if the key cannot be read, or the database fails.
    pub async fn signing(&self) -> Result<Option<Signing>, Error> {
        match &self.source {
            Source::Secret(key) => Ok(Some(Signing { kid: key.kid().to_owned(), created_at: None, can_sign: true })),
            Source::File(algorithm, path) => {
                let key = Key::from_pem(*algorithm, &file::read(path)?)?;
                let created_at = Some(file::changed_at(path)?);
                Ok(Some(Signing { kid: key.kid().to_owned(), created_at, can_sign: true }))
            }
            Source::Made(directory) => {
                let (rows, now) = self.read().await?;
                let Some(row) = signing_order(&rows, now).first().copied() else { return Ok(None) };
                let can_sign = self.private(directory, row)?.is_some();
                Ok(Some(Signing { kid: row.kid.clone(), created_at: Some(row.created_at), can_sign }))
            }
        }
    }
}
