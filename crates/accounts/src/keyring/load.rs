//! Loads the keys, and generates the first one.

use std::{path::Path, sync::PoisonError};

use chrono::{DateTime, Utc};

use super::{
    Error, Keyring, Source,
    schedule::{GeneratedKey, Start},
};
use fieldguard_auth::keys::{Algorithm, Key, KeyError, KeySet, Verifier, directory::Directory, file};
use fieldguard_domain::audit::Actor;
use fieldguard_store::{
    self as store,
    signing_keys::{SigningKey, signing_order},
};

impl Keyring {
    /// The current keys. If keys are generated here and none can sign, this generates one. Servers that start at the
    /// same time get the same key.
    ///
    /// # Errors
    ///
    /// [`Error`] if a key cannot be read.
    pub async fn load(&self) -> Result<KeySet, Error> {
        self.load_beside(None).await
    }

    /// The same for a server that signs with `held`. That key is not read again, so that the server keeps signing even
    /// if its file is missing or changed.
    pub(super) async fn load_beside(&self, held: Option<&Key>) -> Result<KeySet, Error> {
        match &self.source {
            Source::Secret(key) => Ok(KeySet::new(key.clone())),
            Source::File(algorithm, path) => {
                let (rows, now) = self.read().await?;
                with_others(file_key(*algorithm, path, held, &rows, now)?, &rows, now)
            }
            Source::Made(directory) => self.load_made(directory, held).await,
        }
    }

    /// All keys in the database, and the time before they were read.
    pub(super) async fn read(&self) -> Result<(Vec<SigningKey>, DateTime<Utc>), Error> {
        let now = self.now().await?;
        let rows = store::signing_keys::all(&self.store).await?;
        let created_at = signing_order(&rows, now).first().map(|row| row.created_at);
        *self.created_at.lock().unwrap_or_else(PoisonError::into_inner) = created_at;
        Ok((rows, now))
    }

    async fn load_made(&self, directory: &Directory, held: Option<&Key>) -> Result<KeySet, Error> {
        // A server that loses a race reads what the winner wrote. Losing again requires another change at that moment.
        for attempt in 0..4 {
            let (rows, now) = self.read().await?;
            let order = signing_order(&rows, now);
            for row in &order {
                let key = match held.filter(|held| held.kid() == row.kid) {
                    Some(held) => Some(held.clone()),
                    None => self.private(directory, row)?,
                };
                if let Some(key) = key {
                    return self.complete(directory, held, (key, row), &rows, now).await;
                }
            }
            // The key may have signed until a moment ago and been removed because another key signs now.
            if attempt > 0 || order.is_empty() {
                self.generate(directory, &rows).await?;
            }
        }
        Err(Error::Raced)
    }

    /// Creates a signing key if there is none, or if no signing key has its private half. A file in the place of the
    /// first key is used, unless it holds a key that signed before.
    async fn generate(&self, directory: &Directory, rows: &[SigningKey]) -> Result<(), Error> {
        let last = rows.iter().find(|row| row.is_last()).map(|row| row.kid.as_str());
        if let Some(kid) = last {
            tracing::warn!(kid, "the private half of the signing key is missing; a new key signs instead");
        }
        let made = if self.is_shared() {
            GeneratedKey::fresh(self.clock.now())?
        } else {
            let (pem, at) = directory.first_or_create()?;
            let made = GeneratedKey::read(pem, at)?;
            if rows.iter().all(|row| row.kid != made.key.kid()) {
                made
            } else {
                let made = GeneratedKey::fresh(self.clock.now())?;
                directory.add(made.key.kid(), &made.pem)?;
                made
            }
        };
        self.begin(last, &made, Actor::Server, Start::AtOnce).await.map(drop)
    }

    async fn complete(
        &self,
        directory: &Directory,
        held: Option<&Key>,
        (key, row): (Key, &SigningKey),
        rows: &[SigningKey],
        now: DateTime<Utc>,
    ) -> Result<KeySet, Error> {
        if let (None, Some(jwk)) = (&row.public_key, key.verifier().jwk()) {
            let tx = self.store.write().await?;
            store::signing_keys::note_public(&tx, key.kid(), &jwk.to_string()).await?;
            tx.commit().await?;
        }
        if held.is_none_or(|held| held.kid() != key.kid()) {
            self.forget_before(directory, row, rows).await;
        }
        with_others(key, rows, now)
    }
}

/// The key with which a server with a configured key file signs. A running server keeps its key until the file contains
/// another one and that key is due.
fn file_key(
    algorithm: Algorithm,
    path: &Path,
    held: Option<&Key>,
    rows: &[SigningKey],
    now: DateTime<Utc>,
) -> Result<Key, Error> {
    let signing = signing_order(rows, now).first().map(|row| row.kid.as_str());
    if let Some(held) = held.filter(|held| signing == Some(held.kid())) {
        return Ok(held.clone());
    }
    let key = Key::from_pem(algorithm, &file::read(path)?)?;
    let may_sign = |row: &SigningKey| row.retired_at.is_none() && row.signs_from.is_some_and(|from| from <= now);
    let is_due = rows.iter().any(|row| row.kid == key.kid() && may_sign(row));
    Ok(held.filter(|_| !is_due).cloned().unwrap_or(key))
}

/// A key set in which `key` signs. The other keys of these rows verify until they expire.
fn with_others(key: Key, rows: &[SigningKey], now: DateTime<Utc>) -> Result<KeySet, Error> {
    let mut set = KeySet::new(key);
    for row in rows.iter().filter(|row| row.verifies(now)) {
        if let Some(jwk) = &row.public_key {
            let algorithm = Algorithm::parse(&row.algorithm).ok_or(KeyError::Damaged)?;
            set = set.and_verify(Verifier::from_jwk(&row.kid, algorithm, jwk)?, row.verifies_until);
        }
    }
    Ok(set)
}
