//! Keeps the keys of a running server up to date: when an operator reloads them, when the database changes, and when a
//! token names an unknown key.
//!
//! The signing key is chosen only when the database is read, by the clock of the database. So a replica with a wrong
//! clock switches to the next key at the same time as the others.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use super::{Error, Keyring, Source};
use crate::{Accounts, error::Error as AccountsError};
use fieldguard_auth::{
    keys::{Key, KeySet, file},
    token::Tokens,
};

/// How long a server stays ready after it last read the keys: longer than a read takes that fails by its deadline, and
/// shorter than a key verifies beyond its last token.
const MAX_KEY_AGE: Duration = Duration::from_secs(10);

/// The order of reads, so that the result of an earlier read does not replace that of a later one.
#[derive(Debug, Default)]
pub(super) struct Reads {
    begun: AtomicU64,
    applied: Mutex<Applied>,
}

#[derive(Debug, Default)]
struct Applied {
    read: u64,
    /// When the read started, on the monotonic clock of this process.
    at: Option<Instant>,
}

impl Accounts {
    /// Reloads the keys, at startup or when an operator asks for it.
    ///
    /// # Errors
    ///
    /// [`Error`] if a key cannot be read. The keys in use then stay.
    pub async fn reload_keys(&self) -> Result<(), Error> {
        self.keyring.reload(&self.tokens).await
    }

    /// Switches to the keys that the database names. Does not wait for lookups of others.
    ///
    /// # Errors
    ///
    /// As [`Accounts::reload_keys`].
    pub async fn follow_keys(&self) -> Result<(), Error> {
        self.keyring.follow(&self.tokens).await
    }

    /// When the keys in use last matched the database. `None` before the first such check.
    #[must_use]
    pub fn keys_followed_at(&self) -> Option<Instant> {
        self.keyring.reads.applied.lock().unwrap_or_else(PoisonError::into_inner).at
    }

    /// Whether the keys in use matched the database a short time before `now`. If not, a retired key may be accepted.
    #[must_use]
    pub fn keys_are_followed(&self, now: Instant) -> bool {
        self.keys_followed_at().is_none_or(|at| now.saturating_duration_since(at) < MAX_KEY_AGE)
    }

    /// Looks for the unknown key that a token names. Another server may have started to sign with it.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Unavailable`] if the database did not answer, so that it is unknown whether the key exists.
    pub(crate) async fn look_for_key(&self) -> Result<(), AccountsError> {
        if let Source::Secret(_) = self.keyring.source {
            return Ok(());
        }
        // Boxed, because few requests need this future and every request would carry its size.
        let look = Box::pin(async {
            match self.keyring.follow(&self.tokens).await {
                Err(Error::Store(error)) => return Err(error),
                Err(reason) => tracing::debug!(%reason, "no key was found for a token"),
                Ok(()) => {}
            }
            Ok(())
        });
        self.keyring.lookups.share(look).await.map_err(AccountsError::Unavailable)
    }
}

impl Keyring {
    async fn follow(&self, tokens: &Tokens) -> Result<(), Error> {
        let read = self.reads.begin();
        let keys = self.load_beside(Some(tokens.keys().signing_key())).await?;
        self.reads.apply(read, || self.replace(tokens, keys));
        Ok(())
    }

    async fn reload(&self, tokens: &Tokens) -> Result<(), Error> {
        let read = self.reads.begin();
        let keys = if let Source::File(algorithm, path) = &self.source {
            let held: Key = tokens.keys().signing_key().clone();
            self.begin_file(*algorithm, path, held.kid()).await?;
            self.load_beside(Some(&held)).await?
        } else {
            self.load().await?
        };
        self.reads.apply(read, || self.replace(tokens, keys));
        Ok(())
    }

    fn replace(&self, tokens: &Tokens, keys: KeySet) {
        let now = self.clock.now();
        if same_keys(&keys, &tokens.keys(), now) {
            return;
        }
        tracing::info!(signs = keys.signing_kid(), verify = keys.verifiers(now).count(), "signing keys changed");
        self.warn_of_another_file(&keys, now);
        tokens.replace_keys(keys);
    }

    /// Warns if the newest key neither signs here nor is in the configured file: other servers will refuse this
    /// server's tokens once its own key stops verifying.
    fn warn_of_another_file(&self, keys: &KeySet, now: DateTime<Utc>) {
        let Source::File(algorithm, path) = &self.source else { return };
        let newest = keys.others(now).into_iter().find(|(_, until)| until.is_none()).map(|(kid, _)| kid.to_owned());
        let in_file = || Key::from_pem(*algorithm, &file::read(path).ok()?).ok();
        if let Some(kid) = newest.filter(|kid| in_file().is_none_or(|key| key.kid() != kid)) {
            tracing::warn!(kid, "another server uses a newer key; put the same key into `token.key_file` here");
        }
    }
}

impl Reads {
    fn begin(&self) -> (u64, Instant) {
        (self.begun.fetch_add(1, Ordering::AcqRel) + 1, Instant::now())
    }

    fn apply(&self, (read, at): (u64, Instant), change: impl FnOnce()) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        if applied.read < read {
            *applied = Applied { read, at: Some(at) };
            change();
        }
    }
}

fn same_keys(one: &KeySet, other: &KeySet, now: DateTime<Utc>) -> bool {
    one.signing_kid() == other.signing_kid() && one.others(now) == other.others(now)
}
