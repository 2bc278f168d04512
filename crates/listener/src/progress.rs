//! The progress of a connection: its phase, the start of the phase, and its deadline. The stream and the requests of a
//! connection update it, the connection's task reads the deadline, and the accept loop uses it to find a connection to
//! evict. It is a single atomic word, so updates cost almost nothing.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use crate::Timeouts;

/// The phase of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nothing has arrived yet.
    New,
    /// The head of a request is arriving.
    Head,
    /// Between two requests.
    Idle,
    /// The body of a request is arriving.
    Body,
    /// The server works and the client waits.
    Working,
    /// The client is reading the answer.
    Answering,
    /// The connection was evicted.
    Evicted,
}

impl Phase {
    const ALL: [Self; 7] =
        [Self::New, Self::Head, Self::Idle, Self::Body, Self::Working, Self::Answering, Self::Evicted];

    /// Whether the server waits for a request, so that closing the connection loses nothing.
    const fn awaits_request(self) -> bool {
        matches!(self, Self::New | Self::Head | Self::Idle | Self::Body)
    }

    /// Whether there is no request on the connection, not even a partial one.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::New | Self::Idle | Self::Evicted)
    }
}

/// A phase and its start as one comparable value: the low bits are the phase, the rest are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    const BITS: u32 = 3;

    fn now(phase: Phase) -> Self {
        let since = u64::try_from(epoch().elapsed().as_micros()).unwrap_or(u64::MAX >> Self::BITS);
        Self::at(phase, since)
    }

    const fn at(phase: Phase, since: u64) -> Self {
        Self((since << Self::BITS) | phase as u64)
    }

    const fn phase(self) -> Phase {
        Phase::ALL[(self.0 & 0b111) as usize]
    }

    const fn microseconds(self) -> u64 {
        self.0 >> Self::BITS
    }
}

/// The progress of one connection.
#[derive(Debug)]
pub struct Progress {
    moment: AtomicU64,
    task: AtomicWaker,
    ending: AtomicBool,
    /// The microsecond by which the client has to read its answer; 0 if no answer is pending.
    delivery: AtomicU64,
}

impl Progress {
    /// The progress of a connection that was just accepted.
    #[must_use]
    pub fn accepted() -> Self {
        Self {
            moment: AtomicU64::new(Moment::now(Phase::New).0),
            task: AtomicWaker::new(),
            ending: AtomicBool::new(false),
            delivery: AtomicU64::new(0),
        }
    }

    /// The progress of a connection as of `moment`.
    #[cfg(test)]
    pub(super) fn since(moment: Moment) -> Self {
        Self { moment: AtomicU64::new(moment.0), ..Self::accepted() }
    }

    fn moment(&self) -> Moment {
        Moment(self.moment.load(Ordering::Acquire))
    }

    /// The current phase.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.moment().phase()
    }

    /// Closes the connection after its current request, because the server shuts down.
    pub fn end_soon(&self) {
        self.ending.store(true, Ordering::Release);
    }

    /// Whether the connection closes after its current request.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    /// Starts a phase. Returns `false` if the connection was evicted: then nothing may start.
    #[must_use]
    pub fn enter(&self, phase: Phase) -> bool {
        self.change(|_| Some(Moment::now(phase)))
    }

    /// Bytes have arrived. The first head counts from the start of the connection, later ones from their first byte.
    pub fn read(&self) {
        self.change(|moment| match moment.phase() {
            Phase::New => Some(Moment::at(Phase::Head, moment.microseconds())),
            Phase::Idle => Some(Moment::now(Phase::Head)),
            _ => None,
        });
    }

    /// The client has read bytes.
    pub fn written(&self) {
        self.change(|moment| match moment.phase() {
            phase @ (Phase::Answering | Phase::Idle) => Some(Moment::now(phase)),
            _ => None,
        });
    }

    /// An answer is pending, and the client has this long to read it.
    pub fn deliver_within(&self, time_limit: Duration) {
        let deadline = (epoch().elapsed() + time_limit).as_micros();
        self.delivery.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// The client has read its answer.
    pub fn delivered(&self) {
        self.delivery.store(0, Ordering::Release);
    }

    /// Since when the server waits for a request; `None` if it owes an answer.
    #[must_use]
    pub fn waiting(&self) -> Option<Moment> {
        Some(self.moment()).filter(|moment| moment.phase().awaits_request())
    }

    /// Evicts the connection if it is unchanged since `seen`; its task then closes it.
    #[must_use]
    pub fn evict(&self, seen: Moment) -> bool {
        let evicted = Moment::at(Phase::Evicted, seen.microseconds());
        let done = self.moment.compare_exchange(seen.0, evicted.0, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if done {
            self.task.wake();
        }
        done
    }

    /// Sets the task to wake on eviction.
    pub fn register(&self, task: &Waker) {
        self.task.register(task);
    }

    /// The client's deadline. The body and the request handler have their own time limits, because both can still
    /// answer.
    #[must_use]
    pub fn deadline(&self, timeouts: &Timeouts) -> Option<Instant> {
        let moment = self.moment();
        let time_limit = match moment.phase() {
            Phase::New | Phase::Head => Some(timeouts.head),
            Phase::Idle | Phase::Answering => Some(timeouts.idle),
            Phase::Body | Phase::Working | Phase::Evicted => None,
        };
        let silence = time_limit.map(|time_limit| epoch() + Duration::from_micros(moment.microseconds()) + time_limit);
        let delivery = Some(self.delivery.load(Ordering::Acquire)).filter(|deadline| *deadline > 0);
        let delivery = delivery.map(|deadline| epoch() + Duration::from_micros(deadline));
        [silence, delivery].into_iter().flatten().min()
    }

    /// Updates the moment unless the connection was evicted; returns `false` if it was.
    fn change(&self, next: impl Fn(Moment) -> Option<Moment>) -> bool {
        let step = |word| match Moment(word).phase() {
            Phase::Evicted => None,
            _ => next(Moment(word)).map(|moment| moment.0),
        };
        let changed = self.moment.fetch_update(Ordering::AcqRel, Ordering::Acquire, step);
        changed.is_ok() || self.phase() != Phase::Evicted
    }
}

/// The reference for all moments.
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts =
        Timeouts { head: Duration::from_secs(1), body: Duration::from_secs(2), idle: Duration::from_secs(3) };

    #[test]
    fn head_deadline_counts_from_connection_start_or_first_byte() {
        let progress = Progress::accepted();
        let before = progress.deadline(&TIMEOUTS);
        progress.read();
        assert_eq!(progress.phase(), Phase::Head);
        assert_eq!(progress.deadline(&TIMEOUTS), before);
        assert!(progress.enter(Phase::Idle));
        assert!(progress.deadline(&TIMEOUTS) > before);
        progress.read();
        assert_eq!(progress.phase(), Phase::Head);
    }

    /// No matter how often it reads a few bytes.
    #[test]
    fn answer_deadline_is_fixed() {
        let progress = Progress::accepted();
        assert!(progress.enter(Phase::Answering));
        progress.deliver_within(Duration::from_secs(2));
        let deadline = progress.deadline(&TIMEOUTS).unwrap();
        assert!(deadline < Instant::now() + Duration::from_secs(3));
        progress.written();
        assert_eq!(progress.deadline(&TIMEOUTS), Some(deadline));
        assert!(progress.enter(Phase::Working));
        assert_eq!(progress.deadline(&TIMEOUTS), Some(deadline), "the next request does not extend the deadline");
        progress.delivered();
        assert_eq!(progress.deadline(&TIMEOUTS), None);
    }

    #[test]
    fn only_waiting_connections_are_evicted_and_then_nothing_starts() {
        for phase in Phase::ALL {
            let progress = Progress::accepted();
            assert!(progress.enter(phase) && progress.phase() == phase);
            assert_eq!(progress.waiting().is_some(), phase.awaits_request(), "{phase:?}");
        }
        let progress = Progress::accepted();
        let seen = progress.waiting().unwrap();
        assert!(progress.enter(Phase::Working));
        assert!(!progress.evict(seen), "a request has begun");
        assert!(progress.enter(Phase::Idle));
        assert!(progress.evict(progress.waiting().unwrap()));
        assert!(!progress.enter(Phase::Working));
        progress.read();
        assert_eq!(progress.phase(), Phase::Evicted);
    }
}
