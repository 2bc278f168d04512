//! Loads the keys, and makes the first one.

use chrono::{DateTime, Utc};

use super::{Error, Keyring, Source, kept::Made};
use crate::{
    auth::keys::{Algorithm, Key, KeyError, KeySet, Verifier, directory::Directory, file},
    domain::audit::Actor,
    store::{self, signing_keys::SigningKey},
};

impl Keyring {
    /// The keys as they stand. Where keys are made here and there is none that could sign, one is made; of servers that start
    /// at once, all get the same.
    ///
    /// # Errors
    ///
    /// [`Error`] where a key cannot be read.
    pub async fn load(&self, now: DateTime<Utc>) -> Result<KeySet, Error> {
        match &self.source {
            Source::Secret(key) => Ok(KeySet::new(key.clone())),
            Source::File(algorithm, path) => {
                let key = Key::from_pem(*algorithm, &file::read(path)?)?;
                with_former(key, &store::signing_keys::all(&self.store).await?, now)
            }
            Source::Made(directory) => self.load_made(directory, now).await,
        }
    }

    async fn load_made(&self, directory: &Directory, now: DateTime<Utc>) -> Result<KeySet, Error> {
        // Who loses a race reads what the winner wrote; to lose it again takes another change in that moment.
        for attempt in 0..4 {
            let rows = store::signing_keys::all(&self.store).await?;
            let signing = rows.iter().find(|row| row.signs());
            match signing.map(|row| self.private(directory, row)).transpose()?.flatten() {
                Some(key) => return self.complete(key, &rows, now).await,
                // It may have signed until a moment ago, and be removed because another one signs now.
                None if attempt == 0 && signing.is_some() => {}
                None => self.make(directory, signing, &rows, now).await?,
            }
        }
        Err(Error::Raced)
    }

    /// Lets a key sign where there is none, or none of which the private half is there. A file that somebody put into the
    /// place of the first key counts; one that holds a key which signed before does not.
    async fn make(
        &self,
        directory: &Directory,
        signing: Option<&SigningKey>,
        rows: &[SigningKey],
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        if let Some(row) = signing {
            tracing::warn!(kid = row.kid, "the private half of the signing key is gone: another key signs");
        }
        let before = signing.map(|row| row.kid.as_str());
        if self.is_shared() {
            return self.put(before, &Made::fresh(now)?, Actor::Server, now).await.map(drop);
        }
        let (pem, at) = directory.first_or_create()?;
        let mut made = Made::read(pem, at)?;
        if rows.iter().any(|row| row.kid == made.key.kid()) {
            made = Made::fresh(now)?;
            directory.add(made.key.kid(), &made.pem)?;
        }
        self.put(before, &made, Actor::Server, now).await.map(drop)
    }

    async fn complete(&self, key: Key, rows: &[SigningKey], now: DateTime<Utc>) -> Result<KeySet, Error> {
        let noted = rows.iter().any(|row| row.kid == key.kid() && row.public_key.is_some());
        if let (false, Some(jwk)) = (noted, key.verifier().jwk()) {
            let tx = self.store.write().await?;
            store::signing_keys::note_public(&tx, key.kid(), &jwk.to_string()).await?;
            tx.commit().await?;
        }
        with_former(key, rows, now)
    }
}

/// The set in which `key` signs, and the others of these rows verify as long as they may.
fn with_former(key: Key, rows: &[SigningKey], now: DateTime<Utc>) -> Result<KeySet, Error> {
    let mut set = KeySet::new(key);
    for row in rows {
        if let (Some(until), Some(jwk)) = (row.verifies(now), &row.public_key) {
            let algorithm = Algorithm::parse(&row.algorithm).ok_or(KeyError::Damaged)?;
            set = set.and_verify(Verifier::from_jwk(&row.kid, algorithm, jwk)?, until);
        }
    }
    Ok(set)
}
