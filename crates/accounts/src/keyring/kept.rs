//! Puts keys into the database: published first, then scheduled to sign. The private half of a generated key is in PostgreSQL
//! with its row, otherwise in the data directory; that of a file of the settings stays there.

use std::path::Path;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{Error, Keyring, LEAD};
use fieldguard_auth::keys::{Algorithm, Key, KeyError, directory::Directory, file, generate_es256};
use fieldguard_domain::{
    audit::{Action, Actor, Entry, Target, TargetKind},
    overview::DatabaseKind,
    session::Client,
};
use fieldguard_store::{self as store, Tx, signing_keys::SigningKey};

/// When a key begins to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After it has been published for long enough that every server accepts its tokens.
    Announced,
    /// Now. Other servers may meet its tokens before they know it, and then look for it.
    AtOnce,
}

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

    /// The key of this row; nothing where its private half is gone.
    pub(super) fn private(&self, directory: &Directory, row: &SigningKey) -> Result<Option<Key>, Error> {
        let pem = if self.is_shared() {
            let unfit = |_| KeyError::Unfit(Algorithm::Es256);
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

    /// Lets this key follow `before`. Answers from when on it signs; nothing where another key follows `before` already.
    pub(super) async fn begin(
        &self,
        before: Option<&str>,
        made: &Made,
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

    /// Lets the key in the file of the settings sign, which is the one that `held` holds in a server that has just started.
    /// What signed before verifies on, after a restart too. The private half stays where it is.
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

    /// Publishes the key in a transaction of its own, where there has to be time between that and its first token.
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

/// Adds the key where it is not there yet.
async fn publish(tx: &Tx, row: &SigningKey) -> Result<(), Error> {
    let known = store::signing_keys::locked(tx).await?;
    if known.iter().all(|other| other.kid != row.kid) {
        store::signing_keys::publish(tx, row).await?;
    }
    Ok(())
}

/// A key that is not scheduled, without its private half.
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
