//! The cache of accounts as their owners see them. It saves `me` one read per request.
//!
//! Every change of an account removes it *before* the response is sent. The epoch keeps out an account that was read
//! meanwhile. Only a single process on its own database, as on SQLite, uses the cache. With several replicas, users who
//! change their name at one replica could read the old name at another.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, principals::CACHED_FOR};
use fieldguard_domain::{id::UserId, overview::DatabaseType, principal::Principal, user::User};
use fieldguard_store as store;

/// At this number of accounts the cache is cleared, to bound memory. The number is not tuned.
const CAPACITY: usize = 10_000;

/// Accounts by id, with the time each was read.
#[derive(Default)]
pub(super) struct AccountCache(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    epoch: u64,
    entries: HashMap<UserId, (DateTime<Utc>, User)>,
}

impl AccountCache {
    fn get(&self, id: UserId, now: DateTime<Utc>) -> Option<User> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, user) = inner.entries.get(&id)?;
        // The command line may have changed it: entries expire as fast as those of permissions.
        (*read_at <= now && now < *read_at + CACHED_FOR).then(|| user.clone())
    }

    fn epoch(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).epoch
    }

    fn keep(&self, epoch: u64, user: User, read_at: DateTime<Utc>) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch != epoch {
            return;
        }
        if inner.entries.len() >= CAPACITY {
            inner.entries.clear();
        }
        inner.entries.insert(user.id, (read_at, user));
    }

    /// Removes one account. Call it after a change of that account is committed and before the response is sent.
    pub(super) fn forget(&self, id: UserId) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch += 1;
        inner.entries.remove(&id);
    }

    /// Clears the cache.
    pub(super) fn forget_all(&self) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch += 1;
        inner.entries.clear();
    }
}

impl Accounts {
    /// The caller's own account. `None` if it was just deleted.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails.
    pub async fn own_account(&self, caller: &Principal) -> Result<Option<User>, Error> {
        let now = self.clock.now();
        if let Some(known) = self.counts().own_account.count(self.account_cache().get(caller.user(), now)) {
            return Ok(Some(known));
        }
        let epoch = self.account_cache().epoch();
        let found = store::users::find(&self.store, caller.user()).await?;
        if let (Some(user), DatabaseType::Sqlite) = (&found, self.store.kind()) {
            self.account_cache().keep(epoch, user.clone(), now);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fieldguard_domain::username::Username;

    fn user(now: DateTime<Utc>) -> User {
        User {
            id: UserId::new(now),
            username: Username::parse("ada").unwrap(),
            email: None,
            email_verified_at: None,
            disabled_at: None,
            deletion_due_at: None,
            created_at: now,
            last_sign_in_at: None,
            totp_since: None,
        }
    }

    #[test]
    fn an_entry_read_before_a_change_is_not_kept() {
        let (cache, now) = (AccountCache::default(), DateTime::UNIX_EPOCH);
        let (ada, bob) = (user(now), user(now));
        let epoch = cache.epoch();
        cache.keep(epoch, ada.clone(), now);
        assert_eq!(cache.get(ada.id, now), Some(ada.clone()));
        assert_eq!(cache.get(ada.id, now + CACHED_FOR), None);
        cache.forget(ada.id);
        assert_eq!(cache.get(ada.id, now), None);
        cache.keep(epoch, bob.clone(), now);
        assert_eq!(cache.get(bob.id, now), None);
    }
}
