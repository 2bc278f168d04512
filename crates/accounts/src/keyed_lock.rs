//! A lock for every key: of the requests of this process that want one row of the database, one asks for it at a time, in the
//! order in which they came. Nothing depends on it, since the database counts exactly without it; it spares connections and
//! rounds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use fieldguard_store::attempts::Key;

type Locks = Arc<Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>>;

/// The locks that are held or waited for. The others take no memory.
#[derive(Default)]
pub(super) struct KeyedLock(Locks);

/// A lock, until this is dropped. The fields are dropped in this order: first the lock is released, then forgotten.
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

    /// The lock of that key, where it is free.
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
    /// Whether it is the lock of that key.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        self.interest.key == *key
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's and this one: no other request holds the lock or waits for it.
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
    async fn a_key_is_held_once_and_forgotten_after_the_last() {
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
