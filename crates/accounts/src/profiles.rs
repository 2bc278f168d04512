//! The cache of accounts as they are shown to their owners: the row that `me` would otherwise read for each request.
//!
//! Every change of an account takes it out *before* its answer leaves; one that was being read meanwhile is not kept, which
//! the epoch tells. It is for one process on its own database, as on SQLite: where replicas share a database, a person who
//! changed his name at one of them must not read the old one at the next, and so nothing is kept.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, Utc};

use super::{Accounts, error::Error, principals::KEPT_FOR};
use fieldguard_domain::{id::UserId, overview::DatabaseKind, principal::Principal, user::User};
use fieldguard_store as store;

/// Accounts beyond this number push all others out: a bound on memory, not a tuned policy.
const CAPACITY: usize = 10_000;

/// Accounts, by their identifiers, with when each was read.
#[derive(Default)]
pub(super) struct Profiles(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    epoch: u64,
    entries: HashMap<UserId, (DateTime<Utc>, User)>,
}

impl Profiles {
    fn get(&self, id: UserId, now: DateTime<Utc>) -> Option<User> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, user) = inner.entries.get(&id)?;
        // The command line may have changed it: it is heard within the time that rights are.
        (*read_at <= now && now < *read_at + KEPT_FOR).then(|| user.clone())
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

    /// Forgets one account. Called after a change of nothing but it is committed and before that is answered.
    pub(super) fn forget(&self, id: UserId) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch += 1;
        inner.entries.remove(&id);
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch += 1;
        inner.entries.clear();
    }
}

impl Accounts {
    /// The caller's own account; nothing where it was deleted in this moment.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the database fails.
    pub async fn own_account(&self, caller: &Principal) -> Result<Option<User>, Error> {
        let now = self.clock.now();
        if let Some(known) = self.profiles().get(caller.user(), now) {
            return Ok(Some(known));
        }
        let epoch = self.profiles().epoch();
        let found = store::users::find(&self.store, caller.user()).await?;
        if let (Some(user), DatabaseKind::Sqlite) = (&found, self.store.kind()) {
            self.profiles().keep(epoch, user.clone(), now);
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
            disabled_at: None,
            deletion_due_at: None,
            created_at: now,
            last_sign_in_at: None,
        }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let (cache, now) = (Profiles::default(), DateTime::UNIX_EPOCH);
        let (ada, bob) = (user(now), user(now));
        let epoch = cache.epoch();
        cache.keep(epoch, ada.clone(), now);
        assert_eq!(cache.get(ada.id, now), Some(ada.clone()));
        assert_eq!(cache.get(ada.id, now + KEPT_FOR), None);
        cache.forget(ada.id);
        assert_eq!(cache.get(ada.id, now), None);
        cache.keep(epoch, bob.clone(), now);
        assert_eq!(cache.get(bob.id, now), None);
    }
}
