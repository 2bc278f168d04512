//! How many connections may be open, and who leaves when there are too many. While every place is taken, the client that has
//! kept the server waiting longest makes room for the next, so that a thousand silent clients cannot shut out one that speaks.
//! A connection on which the server works is never closed for that.

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

/// How long after a search that found no client the next one waits: a search looks at every connection.
const REST: Duration = Duration::from_millis(10);

/// The part of the connections that one search marks: the work of a search is shared by as many newcomers.
const PART: usize = 16;

/// The places for connections.
pub struct Slots {
    semaphore: Arc<Semaphore>,
    total: u32,
    taken: Arc<Table>,
    marked: Vec<Waiting>,
    rested: Instant,
}

/// A connection that waits: since when, its number, and how far it is.
type Waiting = (Moment, u64, Arc<Progress>);

type Table = Mutex<(u64, HashMap<u64, Arc<Progress>>)>;

/// A place that is taken until it is dropped.
pub struct Seat {
    /// How far the connection on it is.
    pub progress: Arc<Progress>,
    number: u64,
    taken: Arc<Table>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.taken).1.remove(&self.number);
    }
}

impl Slots {
    /// Places for `total` connections.
    #[must_use]
    pub fn new(total: usize) -> Self {
        let total = u32::try_from(total).unwrap_or(u32::MAX).max(1);
        Self {
            semaphore: Arc::new(Semaphore::new(total as usize)),
            total,
            taken: Arc::default(),
            marked: Vec::new(),
            rested: Instant::now(),
        }
    }

    /// A place, if need be that of the client that has kept the server waiting longest; nothing where the server works on every
    /// connection.
    pub async fn take(&mut self) -> Option<Seat> {
        let free = Arc::clone(&self.semaphore).try_acquire_owned().ok();
        let permit = match free {
            Some(permit) => permit,
            None if self.send_one_away() => {
                let next = Arc::clone(&self.semaphore).acquire_owned();
                // It was told to go and goes at once; the bound is there so that nothing can stop the accept loop.
                timeout(Duration::from_secs(1), next).await.ok()?.ok()?
            }
            None => return None,
        };
        Some(self.seat(permit))
    }

    /// Closes the connection that has kept the server waiting longest. False where there is none.
    pub fn send_one_away(&mut self) -> bool {
        loop {
            while let Some((seen, _, progress)) = self.marked.pop() {
                if progress.evict(seen) {
                    return true;
                }
            }
            if !self.mark() {
                return false;
            }
        }
    }

    /// How many connections have a request on them, or the beginning of one.
    pub fn requests(&self) -> usize {
        lock(&self.taken).1.values().filter(|progress| !progress.phase().is_at_rest()).count()
    }

    /// Ends when all places are free.
    pub async fn emptied(&self) {
        let _ = self.semaphore.acquire_many(self.total).await;
    }

    fn seat(&self, permit: OwnedSemaphorePermit) -> Seat {
        self.seat_with(permit, Progress::accepted())
    }

    fn seat_with(&self, permit: OwnedSemaphorePermit, progress: Progress) -> Seat {
        let progress = Arc::new(progress);
        let mut taken = lock(&self.taken);
        taken.0 += 1;
        let number = taken.0;
        taken.1.insert(number, Arc::clone(&progress));
        Seat { progress, number, taken: Arc::clone(&self.taken), _permit: permit }
    }

    /// Marks those who have waited longest, the longest last.
    fn mark(&mut self) -> bool {
        let now = Instant::now();
        if now < self.rested {
            return false;
        }
        let waiting =
            |(number, progress): (&u64, &Arc<Progress>)| Some((progress.waiting()?, *number, progress.clone()));
        self.marked = lock(&self.taken).1.iter().filter_map(waiting).collect();
        // Where two have waited since the same moment, the order of acceptance decides.
        self.marked.sort_unstable_by_key(|(since, number, _)| std::cmp::Reverse((*since, *number)));
        let keep = (self.marked.len() / PART).max(1);
        self.marked.drain(..self.marked.len().saturating_sub(keep));
        if self.marked.is_empty() {
            self.rested = now + REST;
        }
        !self.marked.is_empty()
    }
}

fn lock(taken: &Table) -> MutexGuard<'_, (u64, HashMap<u64, Arc<Progress>>)> {
    taken.lock().expect("nothing panics while it holds the table")
}

#[cfg(test)]
mod tests {
    use super::{super::progress::Phase, *};

    #[test]
    fn connections_waiting_since_the_same_moment_leave_in_order_of_acceptance() {
        let mut slots = Slots::new(8);
        let moment = Progress::accepted().waiting().unwrap();
        let seats: Vec<_> = (0..8)
            .map(|_| {
                let permit = Arc::clone(&slots.semaphore).try_acquire_owned().unwrap();
                slots.seat_with(permit, Progress::since(moment))
            })
            .collect();
        for left in 1..=seats.len() {
            assert!(slots.send_one_away());
            let evicted = seats.iter().filter(|seat| seat.progress.phase() == Phase::Evicted).count();
            let in_order = seats[..left].iter().all(|seat| seat.progress.phase() == Phase::Evicted);
            assert!(in_order && evicted == left, "{left}");
        }
    }

    #[tokio::test]
    async fn the_longest_waiting_makes_room_and_work_is_left_alone() {
        let mut slots = Slots::new(2);
        let (first, second) = (slots.take().await.unwrap(), slots.take().await.unwrap());
        assert!(first.progress.enter(Phase::Working));
        assert!(slots.send_one_away());
        assert_eq!((first.progress.phase(), second.progress.phase()), (Phase::Working, Phase::Evicted));
        drop(second);
        let third = slots.take().await.unwrap();
        assert!(third.progress.enter(Phase::Answering));
        assert!(slots.take().await.is_none(), "no client may be sent away");
        drop(first);
        assert!(slots.take().await.is_some());
    }
}
