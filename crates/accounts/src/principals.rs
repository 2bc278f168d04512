//! The cache of principals: which account a session or a personal access token acts for, kept between requests.
//!
//! Every change of an account, a role, a session or a token clears it *before* the response is sent, so that a request
//! that starts after the response never sees old permissions. The epoch keeps out a principal that was read while the
//! change happened. Changes by other processes on the same database are not noticed, so an entry is valid for one
//! second at most.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use fieldguard_auth::{personal_token::PersonalToken, token::Verified};
use fieldguard_domain::{
    id::{PersonalAccessTokenId, SessionId},
    principal::Principal,
};

/// At this number of entries the cache is cleared, to bound memory. The number is not tuned.
const CAPACITY: usize = 50_000;
/// How long an entry is valid at most.
pub(super) const CACHED_FOR: TimeDelta = TimeDelta::seconds(1);

/// The principals, by credential.
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
    /// A personal access token, with the hash of its secret: the id alone proves nothing.
    Token(PersonalAccessTokenId, [u8; 32]),
}

struct Entry {
    principal: Arc<Principal>,
    /// The newest token generation seen in use. A newer one must be recorded in the database first.
    generation: u32,
    read_at: DateTime<Utc>,
    /// When the entry may change by itself.
    until: DateTime<Utc>,
}

impl Entry {
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.read_at <= now && now < self.until
    }

    /// The principal, and how long ago it was read.
    fn aged(&self, now: DateTime<Utc>) -> (Arc<Principal>, Duration) {
        (self.principal.clone(), (now - self.read_at).to_std().unwrap_or_default())
    }
}

impl Principals {
    /// The cached principal of a verified access token, if still valid, and how long ago it was read.
    pub(super) fn get(&self, token: &Verified, now: DateTime<Utc>) -> Option<(Arc<Principal>, Duration)> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.entries.get(&Key::Session(token.session))?;
        let holds = entry.is_good(now) && entry.principal.is(token.user) && token.generation <= entry.generation;
        holds.then(|| entry.aged(now))
    }

    /// The same for a personal access token.
    pub(super) fn get_by_token(&self, token: &PersonalToken, now: DateTime<Utc>) -> Option<(Arc<Principal>, Duration)> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.entries.get(&Key::Token(token.id(), token.hash()))?;
        entry.is_good(now).then(|| entry.aged(now))
    }

    /// The current epoch. Take it before you read the database, and pass it to [`Principals::keep`].
    pub(super) fn epoch(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).epoch
    }

    /// Caches the principal of `token`, unless something changed since `epoch`. The entry is valid until `until`, and
    /// no longer than [`CACHED_FOR`].
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
        let known = inner.entries.get(&key).map_or(0, |entry| entry.generation);
        entry.generation = entry.generation.max(known);
        entry.until = entry.until.min(entry.read_at + CACHED_FOR);
        inner.entries.insert(key, entry);
    }

    /// Clears the cache. Call it after a change is committed and before the response is sent.
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
    fn an_entry_is_valid_for_a_second_and_for_its_account_only() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let ((one, token), (_, other)) = (principal(now), principal(now));
        cache.keep(cache.epoch(), &token, one.clone(), now, NEVER);
        let of = |generation| Verified { generation, ..token };
        assert_eq!(cache.get(&token, now), Some((one.clone(), Duration::ZERO)));
        let later = TimeDelta::milliseconds(300);
        assert_eq!(cache.get(&of(2), now + later), Some((one, Duration::from_millis(300))));
        assert_eq!(cache.get(&of(4), now), None, "its first use must be recorded");
        assert_eq!(cache.get(&Verified { session: token.session, ..other }, now), None);
        assert_eq!(cache.get(&token, now + CACHED_FOR), None);
        assert_eq!(cache.get(&token, now - TimeDelta::milliseconds(1)), None, "the clock was set back");
    }

    #[test]
    fn an_entry_is_not_valid_beyond_its_own_expiry() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (one, token) = principal(now);
        let until = now + TimeDelta::milliseconds(5);
        cache.keep(cache.epoch(), &token, one.clone(), now, until);
        assert_eq!(cache.get(&token, until - TimeDelta::milliseconds(1)), Some((one, Duration::from_millis(4))));
        assert_eq!(cache.get(&token, until), None);
    }

    #[test]
    fn a_personal_access_token_is_cached_by_its_secret() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (one, _) = principal(now);
        let token = PersonalToken::new(PersonalAccessTokenId::new(now));
        let forged = PersonalToken::new(token.id());
        cache.keep_by_token(cache.epoch(), &token, one.clone(), now, NEVER);
        assert_eq!(cache.get_by_token(&token, now), Some((one, Duration::ZERO)));
        assert_eq!(cache.get_by_token(&forged, now), None);
        assert_eq!(cache.get_by_token(&token, now + CACHED_FOR), None);
        cache.forget_all();
        assert_eq!(cache.get_by_token(&token, now), None);
    }

    #[test]
    fn an_entry_read_before_a_change_is_not_kept() {
        let (cache, now) = (Principals::default(), DateTime::UNIX_EPOCH);
        let (stale, token) = principal(now);
        let epoch = cache.epoch();
        cache.forget_all();
        cache.keep(epoch, &token, stale, now, NEVER);
        assert_eq!(cache.get(&token, now), None);
    }
}
