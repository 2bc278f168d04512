//! Rotates the keys: another one signs, and the one before it verifies until its last token has expired.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, kept::Made};
use crate::{
    auth::keys::{Algorithm, Key, directory::Directory},
    domain::audit::Actor,
    store::{self, signing_keys::SigningKey},
};

/// What became of it.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The `kid` of the key that signs now.
    pub kid: String,
    /// The `kid` of the one before it, and until when that one verifies.
    pub former: Option<(String, DateTime<Utc>)>,
}

impl Keyring {
    /// Makes another key and lets it sign.
    ///
    /// # Errors
    ///
    /// [`Error::Configured`] where the key is one of the settings; [`Error::Raced`] where somebody else does so at the same
    /// time.
    pub async fn rotate(&self, now: DateTime<Utc>) -> Result<Rotated, Error> {
        let directory = self.made()?;
        // So that a key which is not in the database yet is known as the one before. One that is damaged has to go all the
        // same.
        match self.load(now).await {
            Err(Error::Store(error)) => return Err(Error::Store(error)),
            Err(reason) => tracing::warn!(%reason, "the key before cannot be read"),
            Ok(_) => {}
        }
        let rows = store::signing_keys::all(&self.store).await?;
        let before = rows.into_iter().find(SigningKey::signs).map(|row| row.kid);
        let made = Made::fresh(now)?;
        let kid = made.key.kid();
        if !self.is_shared() {
            // Before anybody hears of it: whoever does finds it there.
            directory.add(kid, &made.pem)?;
        }
        if !self.put(before.as_deref(), &made, Actor::Operator, now).await? {
            directory.remove(kid)?;
            return Err(Error::Raced);
        }
        if let Some(before) = &before {
            forget(directory, before);
        }
        Ok(Rotated { kid: kid.to_owned(), former: before.map(|it| (it, self.until(now))) })
    }
}

/// Removes the private half of a key that signs no more. What is in the file of the first key and is not that key stays: it
/// may be somebody's. The key signs no more even where its file cannot be removed.
pub(super) fn forget(directory: &Directory, kid: &str) {
    let first = directory.first().ok().flatten().and_then(|pem| Key::from_pem(Algorithm::Es256, &pem).ok());
    let removed = directory.remove(kid).and_then(|()| match first {
        Some(key) if key.kid() == kid => directory.remove_first(),
        _ => Ok(()),
    });
    if let Err(reason) = removed {
        tracing::warn!(%reason, kid, "the file of a former key cannot be removed; remove it by hand");
    }
}
