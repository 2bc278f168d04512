//! Rotates the keys: a new key signs, and the former one verifies until its last token has expired.

use chrono::{DateTime, Utc};

use super::{
    Error, Keyring,
    schedule::{GeneratedKey, Start},
};
use fieldguard_auth::keys::{Algorithm, Key, directory::Directory};
use fieldguard_domain::audit::Actor;
use fieldguard_store::{self as store, signing_keys::SigningKey};

/// A generated key that follows another.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The `kid` of the new key.
    pub kid: String,
    /// When it starts to sign.
    pub signs_from: DateTime<Utc>,
    /// The `kid` of the former key, which signs until then, and the time until which it verifies.
    pub former: Option<(String, DateTime<Utc>)>,
}

impl Keyring {
    /// Generates a key and schedules it to sign.
    ///
    /// # Errors
    ///
    /// [`Error::Configured`] if the key is a configured one; [`Error::Raced`] if another rotation happens at the same
    /// time.
    pub async fn rotate(&self, start: Start) -> Result<Rotated, Error> {
        let directory = self.made()?;
        // Loading makes sure that the former key is in the database. A damaged key is replaced all the same.
        match self.load().await {
            Err(Error::Store(error)) => return Err(Error::Store(error)),
            Err(reason) => tracing::warn!(%reason, "the former key cannot be read"),
            Ok(_) => {}
        }
        let rows = store::signing_keys::all(&self.store).await?;
        let before = rows.into_iter().find(SigningKey::is_last).map(|row| row.kid);
        let made = GeneratedKey::fresh(self.clock.now())?;
        let kid = made.key.kid();
        if !self.is_shared() {
            // Written before the database names it: a server that reads the name finds the key here.
            directory.add(kid, &made.pem)?;
        }
        let Some(signs_from) = self.begin(before.as_deref(), &made, Actor::Operator, start).await? else {
            directory.remove(kid)?;
            return Err(Error::Raced);
        };
        if start == Start::AtOnce {
            // Deletes the private half of the former key.
            self.load().await?;
        }
        let former = before.map(|former| (former, self.until(signs_from)));
        Ok(Rotated { kid: kid.to_owned(), signs_from, former })
    }

    /// Deletes the private halves of keys that no longer sign while `signing` does. A failure is only logged, because
    /// such a key does not sign even if its private half remains.
    pub(super) async fn forget_before(&self, directory: &Directory, signing: &SigningKey, rows: &[SigningKey]) {
        let before = rows.iter().filter(|row| row.is_before(signing));
        if !self.is_shared() {
            return forget(directory, &before.map(|row| row.kid.as_str()).collect::<Vec<_>>());
        }
        let kids: Vec<_> = before.filter(|row| !row.private_key.is_empty()).map(|row| row.kid.as_str()).collect();
        if let Err(reason) = self.forget_rows(&kids).await {
            tracing::warn!(%reason, "the private half of a former key cannot be deleted");
        }
    }

    async fn forget_rows(&self, kids: &[&str]) -> Result<(), store::Error> {
        if kids.is_empty() {
            return Ok(());
        }
        let tx = self.store.write().await?;
        store::signing_keys::forget_private(&tx, kids).await?;
        tx.commit().await
    }
}

/// Removes the private halves of keys that no longer sign. The file of the first key stays if it contains another key,
/// which an operator may have put there.
pub(super) fn forget(directory: &Directory, kids: &[&str]) {
    let first = directory.first().ok().flatten().and_then(|pem| Key::from_pem(Algorithm::Es256, &pem).ok());
    for kid in kids {
        let removed = directory.remove(kid).and_then(|()| match &first {
            Some(key) if key.kid() == *kid => directory.remove_first(),
            _ => Ok(()),
        });
        if let Err(reason) = removed {
            tracing::warn!(%reason, kid, "the file of a former key cannot be removed; remove it by hand");
        }
    }
}
