//! The cache of principals: who a session acts for, remembered between requests.
//!
//! Every change of an account, a role or a session empties it *before* its answer leaves, so that a request which starts
//! after the answer never sees the old rights. A principal that was being read while the change happened is not kept:
//! the epoch tells. Other processes on the same database are not heard; for their changes an entry is good for one
//! second and no longer.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{
    id::{SessionId, UserId},
    principal::Principal,
};

/// Entries beyond this number push all others out: a bound on memory, not a tuned policy.
const CAPACITY: usize = 50_000;
const FRESH_FOR: TimeDelta = TimeDelta::seconds(1);

/// Who a session acts for, by session.
#[derive(Default)]
pub(super) struct Principals(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    epoch: u64,
    entries: HashMap<SessionId, Entry>,
}

struct Entry {
    principal: Arc<Principal>,
    read_at: DateTime<Utc>,
}

impl Principals {
    /// The principal remembered for that session of that account, where it is still fresh.
    pub(super) fn get(&self, user: UserId, session: SessionId, now: DateTime<Utc>) -> Option<Arc<Principal>> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.entries.get(&session)?;
        let age = now - entry.read_at;
        (entry.principal.is(user) && age >= TimeDelta::zero() && age < FRESH_FOR).then(|| entry.principal.clone())
    }

    /// A mark to take before reading the database and to give to [`Principals::keep`].
    pub(super) fn epoch(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// Remembers what was read since `epoch`, unless something changed meanwhile.
    pub(super) fn keep(&self, epoch: u64, principal: Arc<Principal>, read_at: DateTime<Utc>) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch != epoch {
            return;
        }
        if inner.entries.len() >= CAPACITY {
            inner.entries.clear();
        }
        inner.entries.insert(principal.session(), Entry { principal, read_at });
    }

    /// Forgets everything. Called after a change is committed and before it is answered.
    pub(super) fn forget_all(&self) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch += 1;
        inner.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(now: DateTime<Utc>) -> Arc<Principal> {
        Arc::new(Principal::new(UserId::new(now), SessionId::new(now), [], []))
    }

    #[test]
    fn remembers_for_a_second_and_for_its_account_only() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (one, other) = (principal(now), principal(now));
        cache.keep(cache.epoch(), one.clone(), now);
        assert_eq!(cache.get(one.user(), one.session(), now), Some(one.clone()));
        assert_eq!(cache.get(other.user(), one.session(), now), None);
        assert_eq!(cache.get(one.user(), one.session(), now + FRESH_FOR), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let stale = principal(now);
        let epoch = cache.epoch();
        cache.forget_all();
        cache.keep(epoch, stale.clone(), now);
        assert_eq!(cache.get(stale.user(), stale.session(), now), None);
    }
}
