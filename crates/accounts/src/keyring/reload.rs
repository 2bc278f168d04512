//! Lets a running server follow changes of its keys: when it is told to load them, as the database changes, and when a token
//! names a key that it does not know.
//!
//! Which key signs is decided here alone, when the database was read, and by the clock of the database: a replica whose own
//! clock is wrong changes to the next key at the same time as the others.

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

/// For how long a server is ready that could not read which keys there are: longer than a read takes that fails by its deadline,
/// shorter than a key verifies beyond its last token.
const MAY_NOT_FOLLOW_FOR: Duration = Duration::from_secs(10);

/// The order of reads, so that what was read first does not replace what was read last.
#[derive(Debug, Default)]
pub(super) struct Reads {
    begun: AtomicU64,
    applied: Mutex<Applied>,
}

#[derive(Debug, Default)]
struct Applied {
    read: u64,
    /// When the read began, in the time of this process.
    at: Option<Instant>,
}

impl Accounts {
    /// Loads the keys anew, for a server that begins or an operator who asks for it.
    ///
    /// # Errors
    ///
    /// [`Error`] where a key cannot be read. The keys in use stay.
    pub async fn reload_keys(&self) -> Result<(), Error> {
        self.keyring.reload(&self.tokens).await
    }

    /// Uses the keys that the database names. Never waits for anybody else's lookup.
    ///
    /// # Errors
    ///
    /// As [`Accounts::reload_keys`].
    pub async fn follow_keys(&self) -> Result<(), Error> {
        self.keyring.follow(&self.tokens).await
    }

    /// When the keys in use were last known to be those of the database; nothing before a server first followed them.
    #[must_use]
    pub fn keys_followed_at(&self) -> Option<Instant> {
        self.keyring.reads.applied.lock().unwrap_or_else(PoisonError::into_inner).at
    }

    /// Whether the keys in use are known to be those of the database, or were a short time before `now`. Where they are not, a key
    /// may be accepted that is retired.
    #[must_use]
    pub fn keys_are_followed(&self, now: Instant) -> bool {
        self.keys_followed_at().is_none_or(|at| now.saturating_duration_since(at) < MAY_NOT_FOLLOW_FOR)
    }

    /// Looks for the key of a token that names an unknown one; another server may have begun to sign with it.
    ///
    /// # Errors
    ///
    /// [`AccountsError::Unavailable`] where the database did not answer, so that it is unknown whether there is such a key.
    pub(crate) async fn look_for_key(&self) -> Result<(), AccountsError> {
        if let Source::Secret(_) = self.keyring.source {
            return Ok(());
        }
        // In a box of its own, since few requests need it and each would carry it.
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
        if same(&keys, &tokens.keys(), now) {
            return;
        }
        tracing::info!(signs = keys.signing_kid(), verify = keys.verifiers(now).count(), "other keys are in use");
        self.warn_of_another_file(&keys, now);
        tokens.replace_keys(keys);
    }

    /// Says so where the newest key is neither the one that signs here nor in the file of the settings: the tokens of this server
    /// are refused elsewhere once its own key has ended.
    fn warn_of_another_file(&self, keys: &KeySet, now: DateTime<Utc>) {
        let Source::File(algorithm, path) = &self.source else { return };
        let newest = keys.others(now).into_iter().find(|(_, until)| until.is_none()).map(|(kid, _)| kid.to_owned());
        let in_file = || Key::from_pem(*algorithm, &file::read(path).ok()?).ok();
        if let Some(kid) = newest.filter(|kid| in_file().is_none_or(|key| key.kid() != kid)) {
            tracing::warn!(kid, "another server uses a newer key: put the same one into `token.key_file` here");
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

fn same(one: &KeySet, other: &KeySet, now: DateTime<Utc>) -> bool {
    one.signing_kid() == other.signing_kid() && one.others(now) == other.others(now)
}
