//! Lets a running server hear of changes to its keys: when it is told to load them, as the database changes, and when a token
//! names a key that it does not know.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Error, Keyring, Source};
use crate::{
    accounts::Accounts,
    auth::{keys::KeySet, token::Tokens},
    store,
};

/// A token with an unknown key makes the server look for it, at most this often, whoever sends such tokens.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(1);

impl Accounts {
    /// Loads the keys anew, for a server that begins or an operator who asks for it.
    ///
    /// # Errors
    ///
    /// [`Error`] where a key cannot be read. The keys in use stay.
    pub async fn reload_keys(&self) -> Result<(), Error> {
        let _loading = self.keyring.asked.lock().await;
        self.keyring.replace(&self.tokens, self.clock.now()).await
    }

    /// Loads the keys where the database says that they are others than those in use.
    ///
    /// # Errors
    ///
    /// As [`Accounts::reload_keys`].
    pub async fn follow_keys(&self) -> Result<(), Error> {
        let _loading = self.keyring.asked.lock().await;
        self.keyring.follow(&self.tokens, self.clock.now()).await
    }

    /// Does the same for somebody who bears a token of an unknown key; another server may have begun to sign with it.
    pub(in crate::accounts) async fn look_for_key(&self, now: DateTime<Utc>) {
        let mut asked = self.keyring.asked.lock().await;
        if asked.is_some_and(|at| (now - at).abs() < ASKED_EVERY) {
            return;
        }
        *asked = Some(now);
        if let Err(reason) = self.keyring.follow(&self.tokens, now).await {
            tracing::debug!(%reason, "no key was found for a token");
        }
    }
}

impl Keyring {
    async fn follow(&self, tokens: &Tokens, now: DateTime<Utc>) -> Result<(), Error> {
        if matches!(self.source, Source::Secret(_)) {
            return Ok(());
        }
        let rows = store::signing_keys::all(&self.store).await?;
        let signing = rows.iter().find(|row| row.signs()).map(|row| row.kid.as_str());
        let former: BTreeMap<_, _> =
            rows.iter().filter_map(|row| Some((row.kid.as_str(), row.verifies(now)?))).collect();
        let keys = tokens.keys();
        if let Source::File(..) = self.source {
            // Which key signs is said by the file, and each server may have its own; one that was ended is so for all.
            let used = keys.former(now);
            let is_ended = rows.iter().any(|row| row.retired_at.is_some() && used.contains_key(row.kid.as_str()));
            return if is_ended { self.replace(tokens, now).await } else { Ok(()) };
        }
        if signing == Some(keys.signing_kid()) && former == keys.former(now) {
            return Ok(());
        }
        self.replace(tokens, now).await
    }

    async fn replace(&self, tokens: &Tokens, now: DateTime<Utc>) -> Result<(), Error> {
        self.note_signing(now).await?;
        let keys = self.load(now).await?;
        let before = tokens.keys();
        if !same(&keys, &before, now) {
            tracing::info!(signs = keys.signing_kid(), verify = keys.verifiers(now).count(), "other keys are in use");
            tokens.replace_keys(keys);
        }
        Ok(())
    }
}

fn same(one: &KeySet, other: &KeySet, now: DateTime<Utc>) -> bool {
    one.signing_kid() == other.signing_kid() && one.former(now) == other.former(now)
}
