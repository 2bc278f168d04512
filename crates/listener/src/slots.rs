//! Limits the number of open connections. At the limit, the connection whose client has kept the server waiting longest
//! is evicted for a new one, so a thousand silent clients can't lock out an active one. A connection with a running
//! request is never evicted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use super::progress::{Moment, Progress};

/// The pause after a search that found no candidate: a search visits every connection.
const SEARCH_DELAY: Duration = Duration::from_millis(10);

/// A search selects one in this many connections as candidates, which serve as many new connections.
const SELECTED_FRACTION: usize = 16;

/// The connection slots.
pub struct Slots {
    semaphore: Arc<Semaphore>,
    total: u32,
    taken: Arc<Table>,
    candidates: Vec<Waiting>,
    next_search: Instant,
}

/// A waiting connection: since when, its number, and its progress.
type Waiting = (Moment, u64, Arc<Progress>);

type Table = Mutex<(u64, HashMap<u64, Arc<Progress>>)>;

/// An open connection's slot, released on drop.
pub struct ConnectionPermit {
    /// The progress of the connection.
    pub progress: Arc<Progress>,
    number: u64,
    taken: Arc<Table>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        lock(&self.taken).1.remove(&self.number);
    }
}

impl Slots {
    /// Creates slots for `total` connections.
    #[must_use]
    pub fn new(total: usize) -> Self {
        let total = u32::try_from(total).unwrap_or(u32::MAX).max(1);
        Self {
            semaphore: Arc::new(Semaphore::new(total as usize)),
            total,
            taken: Arc::default(),
            candidates: Vec::new(),
            next_search: Instant::now(),
        }
    }

    /// Takes a slot, if necessary by evicting the connection whose client has kept the server waiting longest. Returns
    /// `None` if all connections have a running request.
    pub async fn take(&mut self) -> Option<ConnectionPermit> {
        let free = Arc::clone(&self.semaphore).try_acquire_owned().ok();
        let permit = match free {
            Some(permit) => permit,
            None if self.evict_longest_waiting() => {
                let next = Arc::clone(&self.semaphore).acquire_owned();
                // An evicted connection closes at once; the timeout guarantees that the accept loop never blocks.
                timeout(Duration::from_secs(1), next).await.ok()?.ok()?
            }
            None => return None,
        };
        Some(self.issue(permit))
    }

    /// Evicts the connection that has kept the server waiting longest. Returns `false` if there is none.
    pub fn evict_longest_waiting(&mut self) -> bool {
        loop {
            while let Some((seen, _, progress)) = self.candidates.pop() {
                if progress.evict(seen) {
                    return true;
                }
            }
            if !self.select_candidates() {
                return false;
            }
        }
    }

    /// The number of connections with a request, complete or partial.
    pub fn requests(&self) -> usize {
        lock(&self.taken).1.values().filter(|progress| !progress.phase().is_idle()).count()
    }

    /// Waits until all slots are free.
    pub async fn emptied(&self) {
        let _ = self.semaphore.acquire_many(self.total).await;
    }

    fn issue(&self, permit: OwnedSemaphorePermit) -> ConnectionPermit {
        self.issue_with(permit, Progress::accepted())
    }

    fn issue_with(&self, permit: OwnedSemaphorePermit, progress: Progress) -> ConnectionPermit {
        let progress = Arc::new(progress);
        let mut taken = lock(&self.taken);
        taken.0 += 1;
        let number = taken.0;
        taken.1.insert(number, Arc::clone(&progress));
        ConnectionPermit { progress, number, taken: Arc::clone(&self.taken), _permit: permit }
    }

    /// Selects the connections that have waited longest, the longest last.
    fn select_candidates(&mut self) -> bool {
        let now = Instant::now();
        if now < self.next_search {
            return false;
        }
        let waiting =
            |(number, progress): (&u64, &Arc<Progress>)| Some((progress.waiting()?, *number, progress.clone()));
        self.candidates = lock(&self.taken).1.iter().filter_map(waiting).collect();
        // For equal times, the order of acceptance decides.
        self.candidates.sort_unstable_by_key(|(since, number, _)| std::cmp::Reverse((*since, *number)));
        let keep = (self.candidates.len() / SELECTED_FRACTION).max(1);
        self.candidates.drain(..self.candidates.len().saturating_sub(keep));
        if self.candidates.is_empty() {
            self.next_search = now + SEARCH_DELAY;
        }
        !self.candidates.is_empty()
    }
}

fn lock(taken: &Table) -> MutexGuard<'_, (u64, HashMap<u64, Arc<Progress>>)> {
    taken.lock().expect("no thread panics while it holds the lock")
}

#[cfg(test)]
mod tests {
    use super::{super::progress::Phase, *};

    #[test]
    fn equal_waiting_times_evict_in_order_of_acceptance() {
        let mut slots = Slots::new(8);
        let moment = Progress::accepted().waiting().unwrap();
        let permits: Vec<_> = (0..8)
            .map(|_| {
                let permit = Arc::clone(&slots.semaphore).try_acquire_owned().unwrap();
                slots.issue_with(permit, Progress::since(moment))
            })
            .collect();
        for left in 1..=permits.len() {
            assert!(slots.evict_longest_waiting());
            let evicted = permits.iter().filter(|permit| permit.progress.phase() == Phase::Evicted).count();
            let in_order = permits[..left].iter().all(|permit| permit.progress.phase() == Phase::Evicted);
            assert!(in_order && evicted == left, "{left}");
        }
    }

    #[tokio::test]
    async fn longest_waiting_is_evicted_and_running_requests_are_not() {
        let mut slots = Slots::new(2);
        let (first, second) = (slots.take().await.unwrap(), slots.take().await.unwrap());
        assert!(first.progress.enter(Phase::Working));
        assert!(slots.evict_longest_waiting());
        assert_eq!((first.progress.phase(), second.progress.phase()), (Phase::Working, Phase::Evicted));
        drop(second);
        let third = slots.take().await.unwrap();
        assert!(third.progress.enter(Phase::Answering));
        assert!(slots.take().await.is_none(), "no connection can be evicted");
        drop(first);
        assert!(slots.take().await.is_some());
    }
}
