//! Private halves of keys that are made here: in PostgreSQL with the row of the key, otherwise in the data directory.

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{Error, Keyring, Source};
use crate::{
    auth::keys::{Algorithm, Key, KeyError, directory::Directory, file, generate_es256},
    domain::{
        audit::{Action, Actor, Entry, Target, TargetKind},
        overview::DatabaseKind,
        session::Client,
    },
    store::{self, signing_keys::SigningKey},
};

/// A key and the text of its private half.
pub(super) struct Made {
    pub(super) key: Key,
    pub(super) pem: Zeroizing<String>,
    pub(super) at: DateTime<Utc>,
}

impl Made {
    pub(super) fn read(pem: Zeroizing<String>, at: DateTime<Utc>) -> Result<Self, KeyError> {
        Ok(Self { key: Key::from_pem(Algorithm::Es256, &pem)?, pem, at })
    }

    pub(super) fn fresh(now: DateTime<Utc>) -> Result<Self, KeyError> {
        Self::read(generate_es256(), now)
    }
}

impl Keyring {
    pub(super) fn is_shared(&self) -> bool {
        self.store.kind() == DatabaseKind::Postgres
    }

    /// The key of this row, which signs; nothing where its private half is gone.
    pub(super) fn private(&self, directory: &Directory, row: &SigningKey) -> Result<Option<Key>, Error> {
        let pem = if self.is_shared() {
            let unfit = |_| KeyError::Unfit(Algorithm::Es256);
            Some(Zeroizing::new(String::from_utf8(row.private_key.clone()).map_err(unfit)?))
        } else {
            match directory.get(&row.kid)? {
                Some(pem) => Some(pem),
                None => directory.first()?,
            }
        };
        let key = pem.map(|pem| Key::from_pem(Algorithm::Es256, &pem)).transpose()?;
        Ok(key.filter(|key| key.kid() == row.kid))
    }

    /// Lets this key sign in the place of `before`. Tells whether it did: not where another key did so first.
    pub(super) async fn put(
        &self,
        before: Option<&str>,
        made: &Made,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let private_key = if self.is_shared() { made.pem.as_bytes().to_vec() } else { Vec::new() };
        let row = SigningKey { private_key, ..row(&made.key, made.at, now) };
        let tx = self.store.write().await?;
        let done = store::signing_keys::replace(&tx, before, &row, self.until(now)).await?;
        if done {
            let entry = Entry::new(Action::KeyRotated, actor, &Client::default(), now);
            tx.note(entry.on(Target::new(TargetKind::Key, &row.kid)));
            tx.commit().await?;
        }
        Ok(done)
    }

    /// Notes that a server signs with the key of the settings, where that is in a file, so that the one before it verifies after
    /// a restart too. Its private half stays where it is.
    pub(super) async fn note_signing(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let Source::File(algorithm, path) = &self.source else { return Ok(()) };
        let (key, made) = (Key::from_pem(*algorithm, &file::read(path)?)?, file::changed_at(path)?);
        let rows = store::signing_keys::all(&self.store).await?;
        if rows.iter().any(|row| row.kid == key.kid() && row.signs()) {
            return Ok(());
        }
        if rows.iter().any(|row| row.kid == key.kid() && row.retired_at.is_some()) {
            return Err(Error::Retired);
        }
        let tx = self.store.write().await?;
        let entry = Entry::new(Action::KeyRotated, Actor::Server, &Client::default(), now);
        tx.note(entry.on(Target::new(TargetKind::Key, key.kid())));
        store::signing_keys::note_signing(&tx, &row(&key, made, now), self.until(now)).await?;
        Ok(tx.commit().await?)
    }
}

/// A key that signs, without its private half.
fn row(key: &Key, made: DateTime<Utc>, now: DateTime<Utc>) -> SigningKey {
    SigningKey {
        kid: key.kid().to_owned(),
        algorithm: key.algorithm().name().to_owned(),
        private_key: Vec::new(),
        public_key: key.verifier().jwk().map(ToString::to_string),
        created_at: made.min(now),
        verifies_until: None,
        retired_at: None,
    }
}
