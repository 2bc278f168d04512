//! Stores keys in the database: publishes them first, then schedules them to sign. The private half of a generated key
//! is stored in its PostgreSQL row, or in the data directory with SQLite. The private half of a configured key file
//! stays in that file.

use std::path::Path;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{Error, Keyring, LEAD};
use fieldguard_auth::keys::{Algorithm, Found, Key, KeyError, directory::Directory, file, generate_es256};
use fieldguard_domain::{
    audit::{Action, Actor, Entry, Target, TargetKind},
    overview::DatabaseType,
    session::Client,
};
use fieldguard_store::{self as store, Tx, signing_keys::SigningKey};

/// When a key starts to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After it has been published long enough for every server to accept its tokens.
    Announced,
    /// Now. Other servers may receive its tokens before they know the key, and then look for it.
    AtOnce,
}

/// A key with the PEM text of its private half.
pub(super) struct GeneratedKey {
    pub(super) key: Key,
    pub(super) pem: Zeroizing<String>,
    pub(super) at: DateTime<Utc>,
}

impl GeneratedKey {
    pub(super) fn read(pem: Zeroizing<String>, at: DateTime<Utc>) -> Result<Self, KeyError> {
        Ok(Self { key: Key::from_pem(Algorithm::Es256, &pem)?, pem, at })
    }

    pub(super) fn fresh(now: DateTime<Utc>) -> Result<Self, KeyError> {
        Self::read(generate_es256(), now)
    }
}

impl Keyring {
    pub(super) fn is_shared(&self) -> bool {
        self.store.kind() == DatabaseType::Postgres
    }

    /// The key of this row. `None` if its private half is missing.
    pub(super) fn private(&self, directory: &Directory, row: &SigningKey) -> Result<Option<Key>, Error> {
        let pem = if self.is_shared() {
            let unfit = |_| KeyError::Unfit(Algorithm::Es256, Found::Damaged);
            let pem = Zeroizing::new(String::from_utf8(row.private_key.clone()).map_err(unfit)?);
            Some(pem).filter(|pem| !pem.is_empty())
        } else {
            match directory.get(&row.kid)? {
                Some(pem) => Some(pem),
                None => directory.first()?,
            }
        };
        let key = pem.map(|pem| Key::from_pem(Algorithm::Es256, &pem)).transpose()?;
        Ok(key.filter(|key| key.kid() == row.kid))
    }

    /// Schedules this key to follow `before`. Returns when it starts to sign. `None` if another key already follows
    /// `before`.
    pub(super) async fn begin(
        &self,
        before: Option<&str>,
        made: &GeneratedKey,
        actor: Actor,
        start: Start,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        let private_key = if self.is_shared() { made.pem.as_bytes().to_vec() } else { Vec::new() };
        let row = SigningKey { private_key, ..row(&made.key, made.at.min(self.clock.now())) };
        self.announce(&row, start).await?;
        let tx = self.store.write().await?;
        publish(&tx, &row).await?;
        let from = self.schedule(&tx, before, &row.kid, actor, start).await?;
        if from.is_none() {
            store::signing_keys::withdraw(&tx, &row.kid).await?;
        }
        tx.commit().await?;
        Ok(from)
    }

    /// Schedules the configured key file to sign. `held` is the key that the server signs with, which on a just started
    /// server is the key in the file. The former key keeps verifying, also after a restart. The private half stays in
    /// the file.
    pub(super) async fn begin_file(&self, algorithm: Algorithm, path: &Path, held: &str) -> Result<(), Error> {
        let (key, made_at) = (Key::from_pem(algorithm, &file::read(path)?)?, file::changed_at(path)?);
        let rows = store::signing_keys::all(&self.store).await?;
        match rows.iter().find(|row| row.kid == key.kid()) {
            Some(row) if row.is_last() => return Ok(()),
            Some(row) if row.retired_at.is_some() => return Err(Error::Retired),
            _ => {}
        }
        let start = if held == key.kid() { Start::AtOnce } else { Start::Announced };
        let row = row(&key, made_at.min(self.clock.now()));
        self.announce(&row, start).await?;
        let tx = self.store.write().await?;
        publish(&tx, &row).await?;
        let rows = store::signing_keys::locked(&tx).await?;
        let before = rows.iter().find(|row| row.is_last()).map(|row| row.kid.as_str());
        self.schedule(&tx, before, &row.kid, Actor::Server, start).await?;
        Ok(tx.commit().await?)
    }

    /// Publishes the key in its own transaction if other servers need time to load it before its first token.
    async fn announce(&self, row: &SigningKey, start: Start) -> Result<(), Error> {
        if start == Start::Announced {
            let tx = self.store.write().await?;
            publish(&tx, row).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn schedule(
        &self,
        tx: &Tx,
        before: Option<&str>,
        kid: &str,
        actor: Actor,
        start: Start,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        let now = self.now_in(tx).await?;
        let from = match start {
            Start::Announced => now + LEAD,
            Start::AtOnce => now,
        };
        if !store::signing_keys::schedule(tx, before, kid, from, self.until(from)).await? {
            return Ok(None);
        }
        let entry = Entry::new(Action::KeyRotated, actor, &Client::default(), self.clock.now());
        tx.note(entry.on(Target::new(TargetKind::Key, kid)));
        Ok(Some(from))
    }
}

/// Adds the key unless it exists.
async fn publish(tx: &Tx, row: &SigningKey) -> Result<(), Error> {
    let known = store::signing_keys::locked(tx).await?;
    if known.iter().all(|other| other.kid != row.kid) {
        store::signing_keys::publish(tx, row).await?;
    }
    Ok(())
}

/// A key that is not scheduled yet, without its private half.
fn row(key: &Key, created_at: DateTime<Utc>) -> SigningKey {
    SigningKey {
        kid: key.kid().to_owned(),
        algorithm: key.algorithm().name().to_owned(),
        private_key: Vec::new(),
        public_key: key.verifier().jwk().map(ToString::to_string),
        created_at,
        signs_from: None,
        verifies_until: None,
        retired_at: None,
    }
}
