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

use crate::{
    auth::token::Verified,
    domain::{id::SessionId, principal::Principal},
};

/// Entries beyond this number push all others out: a bound on memory, not a tuned policy.
const CAPACITY: usize = 50_000;
/// How long an entry is good.
pub(super) const FRESH_FOR: TimeDelta = TimeDelta::seconds(1);

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
    /// The newest generation of tokens that was seen in use. One beyond it has to be noted in the database first.
    generation: u32,
    read_at: DateTime<Utc>,
}

impl Principals {
    /// The principal remembered for what that token proves, where it is still fresh.
    pub(super) fn get(&self, token: &Verified, now: DateTime<Utc>) -> Option<Arc<Principal>> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.entries.get(&token.session)?;
        let age = now - entry.read_at;
        let is_fresh = age >= TimeDelta::zero() && age < FRESH_FOR;
        let holds = is_fresh && entry.principal.is(token.user) && token.generation <= entry.generation;
        holds.then(|| entry.principal.clone())
    }

    /// A mark to take before reading the database and to give to [`Principals::keep`].
    pub(super) fn epoch(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// Remembers what was read since `epoch`, unless something changed meanwhile.
    pub(super) fn keep(&self, epoch: u64, principal: Arc<Principal>, generation: u32, read_at: DateTime<Utc>) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch != epoch {
            return;
        }
        if inner.entries.len() >= CAPACITY {
            inner.entries.clear();
        }
        let known = inner.entries.get(&principal.session()).map_or(0, |it| it.generation);
        let generation = generation.max(known);
        inner.entries.insert(principal.session(), Entry { principal, generation, read_at });
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
    use crate::domain::id::UserId;

    fn principal(now: DateTime<Utc>) -> Arc<Principal> {
        Arc::new(Principal::new(UserId::new(now), SessionId::new(now), [], []))
    }

    fn token(user: UserId, session: SessionId, generation: u32) -> Verified {
        Verified { user, session, generation, expires_at: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn remembers_for_a_second_and_for_its_account_only() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (one, other) = (principal(now), principal(now));
        cache.keep(cache.epoch(), one.clone(), 3, now);
        assert_eq!(cache.get(&token(one.user(), one.session(), 3), now), Some(one.clone()));
        assert_eq!(cache.get(&token(one.user(), one.session(), 2), now), Some(one.clone()));
        assert_eq!(cache.get(&token(one.user(), one.session(), 4), now), None, "its first use must be noted");
        assert_eq!(cache.get(&token(other.user(), one.session(), 3), now), None);
        assert_eq!(cache.get(&token(one.user(), one.session(), 3), now + FRESH_FOR), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let stale = principal(now);
        let epoch = cache.epoch();
        cache.forget_all();
        cache.keep(epoch, stale.clone(), 0, now);
        assert_eq!(cache.get(&token(stale.user(), stale.session(), 0), now), None);
    }
}
