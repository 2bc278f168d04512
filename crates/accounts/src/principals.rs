//! The cache of principals: who a session or a personal access token acts for, remembered between requests.
//!
//! Every change of an account, a role, a session or a token empties it *before* its answer leaves, so that a request which starts
//! after the answer never sees the old rights. A principal that was being read while the change happened is not kept:
//! the epoch tells. Other processes on the same database are not heard; for their changes an entry is good for one
//! second and no longer.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};

use fieldguard_auth::{personal_token::PersonalToken, token::Verified};
use fieldguard_domain::{
    id::{AccessTokenId, SessionId},
    principal::Principal,
};

/// Entries beyond this number push all others out: a bound on memory, not a tuned policy.
const CAPACITY: usize = 50_000;
/// How long an entry is good at the most.
pub(super) const KEPT_FOR: TimeDelta = TimeDelta::seconds(1);

/// Who a credential acts for, by credential.
#[derive(Default)]
pub(super) struct Principals(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    epoch: u64,
    entries: HashMap<Key, Entry>,
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Session(SessionId),
    /// A personal access token, with the hash of its secret: the identifier alone proves nothing.
    Token(AccessTokenId, [u8; 32]),
}

struct Entry {
    principal: Arc<Principal>,
    /// The newest generation of tokens that was seen in use. One beyond it has to be noted in the database first.
    generation: u32,
    read_at: DateTime<Utc>,
    /// What is in the entry may change by itself then.
    until: DateTime<Utc>,
}

impl Entry {
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.read_at <= now && now < self.until
    }
}

impl Principals {
    /// The principal remembered for what that token proves, where it is still good.
    pub(super) fn get(&self, token: &Verified, now: DateTime<Utc>) -> Option<Arc<Principal>> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.entries.get(&Key::Session(token.session))?;
        let holds = entry.is_good(now) && entry.principal.is(token.user) && token.generation <= entry.generation;
        holds.then(|| entry.principal.clone())
    }

    /// The principal remembered for a personal access token, where it is still good.
    pub(super) fn get_by_token(&self, token: &PersonalToken, now: DateTime<Utc>) -> Option<Arc<Principal>> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.entries.get(&Key::Token(token.id(), token.hash()))?;
        entry.is_good(now).then(|| entry.principal.clone())
    }

    /// A mark to take before reading the database and to give to [`Principals::keep`].
    pub(super) fn epoch(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// Remembers whom `token` acts for, as it was read since `epoch`, unless something changed meanwhile. It is good until
    /// `until` and no longer than [`KEPT_FOR`].
    pub(super) fn keep(
        &self,
        epoch: u64,
        token: &Verified,
        principal: Arc<Principal>,
        read_at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) {
        let entry = Entry { principal, generation: token.generation, read_at, until };
        self.insert(epoch, Key::Session(token.session), entry);
    }

    /// The same for a personal access token.
    pub(super) fn keep_by_token(
        &self,
        epoch: u64,
        token: &PersonalToken,
        principal: Arc<Principal>,
        read_at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) {
        let entry = Entry { principal, generation: 0, read_at, until };
        self.insert(epoch, Key::Token(token.id(), token.hash()), entry);
    }

    fn insert(&self, epoch: u64, key: Key, mut entry: Entry) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch != epoch {
            return;
        }
        if inner.entries.len() >= CAPACITY {
            inner.entries.clear();
        }
        let known = inner.entries.get(&key).map_or(0, |it| it.generation);
        entry.generation = entry.generation.max(known);
        entry.until = entry.until.min(entry.read_at + KEPT_FOR);
        inner.entries.insert(key, entry);
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
    use fieldguard_domain::id::UserId;

    const NEVER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

    fn principal(now: DateTime<Utc>) -> (Arc<Principal>, Verified) {
        let (user, session) = (UserId::new(now), SessionId::new(now));
        let token = Verified { user, session, generation: 3, expires_at: DateTime::UNIX_EPOCH };
        (Arc::new(Principal::new(user, session, [], [])), token)
    }

    #[test]
    fn remembers_for_a_second_and_for_its_account_only() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let ((one, token), (_, other)) = (principal(now), principal(now));
        cache.keep(cache.epoch(), &token, one.clone(), now, NEVER);
        let of = |generation| Verified { generation, ..token };
        assert_eq!(cache.get(&token, now), Some(one.clone()));
        assert_eq!(cache.get(&of(2), now), Some(one));
        assert_eq!(cache.get(&of(4), now), None, "its first use must be noted");
        assert_eq!(cache.get(&Verified { session: token.session, ..other }, now), None);
        assert_eq!(cache.get(&token, now + KEPT_FOR), None);
        assert_eq!(cache.get(&token, now - TimeDelta::milliseconds(1)), None, "the clock was set back");
    }

    #[test]
    fn remembers_nothing_beyond_its_own_end() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (one, token) = principal(now);
        let until = now + TimeDelta::milliseconds(5);
        cache.keep(cache.epoch(), &token, one.clone(), now, until);
        assert_eq!(cache.get(&token, until - TimeDelta::milliseconds(1)), Some(one));
        assert_eq!(cache.get(&token, until), None);
    }

    #[test]
    fn remembers_a_personal_access_token_by_its_secret() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (one, _) = principal(now);
        let token = PersonalToken::new(AccessTokenId::new(now));
        let forged = PersonalToken::new(token.id());
        cache.keep_by_token(cache.epoch(), &token, one.clone(), now, NEVER);
        assert_eq!(cache.get_by_token(&token, now), Some(one));
        assert_eq!(cache.get_by_token(&forged, now), None);
        assert_eq!(cache.get_by_token(&token, now + KEPT_FOR), None);
        cache.forget_all();
        assert_eq!(cache.get_by_token(&token, now), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (stale, token) = principal(now);
        let epoch = cache.epoch();
        cache.forget_all();
        cache.keep(epoch, &token, stale, now, NEVER);
        assert_eq!(cache.get(&token, now), None);
    }
}
