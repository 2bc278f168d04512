//! A lock per key: of the requests in this process that need the same database row, one accesses it at a time, in the
//! order of their arrival. Correctness does not depend on it, since the database counts exactly. It saves connections
//! and retries.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use fieldguard_store::attempts::Key;

type Locks = Arc<Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>>;

/// The locks that are held or waited for. Free locks take no memory.
#[derive(Default)]
pub(super) struct KeyedLock(Locks);

/// A held lock. The fields drop in this order: the lock is released first, then removed from the map.
pub(super) struct Guard {
    _held: OwnedMutexGuard<()>,
    interest: Interest,
}

/// Keeps the lock of a key in memory.
struct Interest {
    locks: Locks,
    key: Key,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl KeyedLock {
    /// Waits for the lock of that key.
    pub(super) async fn lock(&self, key: &Key) -> Guard {
        let interest = self.interest(key);
        let held = interest.lock.clone().lock_owned().await;
        Guard { _held: held, interest }
    }

    /// The lock of that key, if it is free.
    pub(super) fn try_lock(&self, key: &Key) -> Option<Guard> {
        let interest = self.interest(key);
        let held = interest.lock.clone().try_lock_owned().ok()?;
        Some(Guard { _held: held, interest })
    }

    fn interest(&self, key: &Key) -> Interest {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = locks.entry(*key).or_default().clone();
        Interest { locks: self.0.clone(), key: *key, lock }
    }
}

impl Guard {
    /// Whether this is the lock of that key.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        self.interest.key == *key
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        // Only the map and this value refer to the lock: no other request holds it or waits for it.
        if Arc::strong_count(&self.lock) == 2 {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;

    #[tokio::test]
    async fn a_key_is_locked_once_and_removed_after_its_last_guard() {
        let locks = KeyedLock::default();
        let first = locks.lock(&[1; 32]).await;
        assert!(locks.try_lock(&[1; 32]).is_none());
        let other = locks.try_lock(&[2; 32]).unwrap();
        assert!(other.is_of(&[2; 32]) && !other.is_of(&[1; 32]));
        drop(other);
        {
            let mut cut_short = pin!(locks.lock(&[1; 32]));
            assert!(cut_short.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(locks.0.lock().unwrap().len(), 1);
        let mut second = pin!(locks.lock(&[1; 32]));
        assert!(second.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(first);
        drop(second.await);
        assert!(locks.0.lock().unwrap().is_empty());
    }
}
