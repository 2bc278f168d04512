//! How far a connection is: for whom the server waits, since when, and until when. Each connection has one; its stream and
//! its requests move it on, its task reads the deadline, and the accept loop, where it needs room, finds in it who may be
//! sent away. It is one word, so that requests that hurry pay next to nothing for it.

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

/// What a connection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Nothing has come yet.
    New,
    /// The head of a request is arriving.
    Head,
    /// Between two requests.
    Idle,
    /// The body of a request is arriving.
    Body,
    /// The server works; the client waits.
    Working,
    /// The answer is being taken by the client.
    Answering,
    /// It was sent away to make room.
    Evicted,
}

impl Phase {
    const ALL: [Self; 7] =
        [Self::New, Self::Head, Self::Idle, Self::Body, Self::Working, Self::Answering, Self::Evicted];

    /// Does nothing run on the server yet, so that nothing is lost with the connection?
    const fn owes_a_request(self) -> bool {
        matches!(self, Self::New | Self::Head | Self::Idle | Self::Body)
    }

    /// Whether there is no request on the connection, not even the beginning of one.
    #[must_use]
    pub const fn is_at_rest(self) -> bool {
        matches!(self, Self::New | Self::Idle | Self::Evicted)
    }
}

/// A phase and when it began, as one value that can be compared: the low bits are the phase, the rest is microseconds.
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
    /// The microsecond by which the client is to have taken its answer; 0 where it has.
    delivery: AtomicU64,
}

impl Progress {
    /// Of a connection that has just been accepted.
    #[must_use]
    pub fn accepted() -> Self {
        Self {
            moment: AtomicU64::new(Moment::now(Phase::New).0),
            task: AtomicWaker::new(),
            ending: AtomicBool::new(false),
            delivery: AtomicU64::new(0),
        }
    }

    /// Of a connection that is as far as it was at `moment`.
    #[cfg(test)]
    pub(super) fn since(moment: Moment) -> Self {
        Self { moment: AtomicU64::new(moment.0), ..Self::accepted() }
    }

    fn moment(&self) -> Moment {
        Moment(self.moment.load(Ordering::Acquire))
    }

    /// What the connection is about.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.moment().phase()
    }

    /// The server stops: the connection ends after the request that is on it, if there is one.
    pub fn end_soon(&self) {
        self.ending.store(true, Ordering::Release);
    }

    /// Whether the connection ends after the request that is on it.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    /// A phase begins now. False where the connection was sent away before: then nothing may begin on it.
    #[must_use]
    pub fn enter(&self, phase: Phase) -> bool {
        self.change(|_| Some(Moment::now(phase)))
    }

    /// Bytes have come. A first head counts from the start of the connection, a later one from its first byte.
    pub fn read(&self) {
        self.change(|moment| match moment.phase() {
            Phase::New => Some(Moment::at(Phase::Head, moment.microseconds())),
            Phase::Idle => Some(Moment::now(Phase::Head)),
            _ => None,
        });
    }

    /// The client has taken bytes.
    pub fn written(&self) {
        self.change(|moment| match moment.phase() {
            phase @ (Phase::Answering | Phase::Idle) => Some(Moment::now(phase)),
            _ => None,
        });
    }

    /// An answer waits for the client, who has that long to take it.
    pub fn deliver_within(&self, patience: Duration) {
        let deadline = (epoch().elapsed() + patience).as_micros();
        self.delivery.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// The client has taken its answer.
    pub fn delivered(&self) {
        self.delivery.store(0, Ordering::Release);
    }

    /// Since when the client owes a request; nothing where the server owes an answer.
    #[must_use]
    pub fn waiting(&self) -> Option<Moment> {
        Some(self.moment()).filter(|moment| moment.phase().owes_a_request())
    }

    /// Sends the connection away, if it still waits as it did at `seen`; its task then ends by itself.
    #[must_use]
    pub fn evict(&self, seen: Moment) -> bool {
        let evicted = Moment::at(Phase::Evicted, seen.microseconds());
        let done = self.moment.compare_exchange(seen.0, evicted.0, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if done {
            self.task.wake();
        }
        done
    }

    /// Whom to wake when the connection is sent away.
    pub fn register(&self, task: &Waker) {
        self.task.register(task);
    }

    /// When the patience with the client ends. A body's time is kept where it is read, and the server's own work where it
    /// is done: both can still answer.
    #[must_use]
    pub fn deadline(&self, timeouts: &Timeouts) -> Option<Instant> {
        let moment = self.moment();
        let patience = match moment.phase() {
            Phase::New | Phase::Head => Some(timeouts.head),
            Phase::Idle | Phase::Answering => Some(timeouts.idle),
            Phase::Body | Phase::Working | Phase::Evicted => None,
        };
        let silence = patience.map(|patience| epoch() + Duration::from_micros(moment.microseconds()) + patience);
        let delivery = Some(self.delivery.load(Ordering::Acquire)).filter(|deadline| *deadline > 0);
        let delivery = delivery.map(|deadline| epoch() + Duration::from_micros(deadline));
        [silence, delivery].into_iter().flatten().min()
    }

    /// Moves on, unless the connection was sent away; false where it was.
    fn change(&self, next: impl Fn(Moment) -> Option<Moment>) -> bool {
        let step = |word| match Moment(word).phase() {
            Phase::Evicted => None,
            _ => next(Moment(word)).map(|moment| moment.0),
        };
        let changed = self.moment.fetch_update(Ordering::AcqRel, Ordering::Acquire, step);
        changed.is_ok() || self.phase() != Phase::Evicted
    }
}

/// The moment from which all others count.
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
    fn a_head_counts_from_the_start_or_from_its_first_byte() {
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

    /// However often it takes a few bytes.
    #[test]
    fn an_answer_is_to_be_taken_in_its_time() {
        let progress = Progress::accepted();
        assert!(progress.enter(Phase::Answering));
        progress.deliver_within(Duration::from_secs(2));
        let deadline = progress.deadline(&TIMEOUTS).unwrap();
        assert!(deadline < Instant::now() + Duration::from_secs(3));
        progress.written();
        assert_eq!(progress.deadline(&TIMEOUTS), Some(deadline));
        assert!(progress.enter(Phase::Working));
        assert_eq!(
            progress.deadline(&TIMEOUTS),
            Some(deadline),
            "the next request does not buy time for the last answer"
        );
        progress.delivered();
        assert_eq!(progress.deadline(&TIMEOUTS), None);
    }

    #[test]
    fn only_those_who_owe_a_request_are_sent_away_and_nothing_begins_afterwards() {
        for phase in Phase::ALL {
            let progress = Progress::accepted();
            assert!(progress.enter(phase) && progress.phase() == phase);
            assert_eq!(progress.waiting().is_some(), phase.owes_a_request(), "{phase:?}");
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
