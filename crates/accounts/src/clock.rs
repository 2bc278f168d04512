//! The only module that reads the clock. All other code takes the time as an argument, so that tests can control it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

/// A source of the time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A manual clock that stands still until a test advances it: milliseconds since the Unix epoch.
    Manual(Arc<AtomicI64>),
    /// A manual clock of a machine whose time differs from the database's.
    Skewed {
        /// The machine's clock.
        own: Arc<AtomicI64>,
        /// The database's clock.
        database: Arc<AtomicI64>,
    },
}

impl Clock {
    /// A manual clock that stays at `now` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self::Manual(millis_since_epoch(now))
    }

    /// A manual clock at `now`, for a machine whose database follows the manual clock `database`.
    ///
    /// # Panics
    ///
    /// Panics if `database` is not a manual clock.
    #[must_use]
    pub fn skewed(now: DateTime<Utc>, database: &Self) -> Self {
        let Self::Manual(database) = database else { panic!("`database` must be a manual clock") };
        Self::Skewed { own: millis_since_epoch(now), database: database.clone() }
    }

    /// The current time, to the millisecond, the precision of the database.
    ///
    /// # Panics
    ///
    /// Panics if a manual clock was moved beyond the range of a date.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let millis = match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Utc::now().timestamp_millis(),
            Self::Manual(millis) | Self::Skewed { own: millis, .. } => millis.load(Ordering::Acquire),
        };
        date(millis)
    }

    /// The time on the database's clock, if a test has set it apart from the machine's.
    #[must_use]
    pub fn of_database(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Skewed { database, .. } => Some(date(database.load(Ordering::Acquire))),
            Self::System | Self::Manual(_) => None,
        }
    }

    /// Starts to measure elapsed time.
    #[must_use]
    pub fn stopwatch(&self) -> Stopwatch<'_> {
        Stopwatch { clock: self, begun: self.now(), instant: Instant::now() }
    }

    /// Whether this is the machine's clock.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        matches!(self, Self::System)
    }

    /// Advances a manual clock. The system clock is not affected.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Manual(millis) | Self::Skewed { own: millis, .. } = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::AcqRel);
        }
    }
}

/// Measures elapsed time. With the system clock, it is not affected by changes of the wall-clock time.
#[derive(Debug)]
pub struct Stopwatch<'a> {
    clock: &'a Clock,
    begun: DateTime<Utc>,
    instant: Instant,
}

impl Stopwatch<'_> {
    /// The elapsed time.
    #[must_use]
    pub fn elapsed(&self) -> TimeDelta {
        match self.clock {
            Clock::System => TimeDelta::from_std(self.instant.elapsed()).unwrap_or(TimeDelta::MAX),
            Clock::Manual(_) | Clock::Skewed { .. } => self.clock.now() - self.begun,
        }
    }

    /// How much is left of `limit`. `None` for a manual clock, which does not advance by itself.
    #[must_use]
    pub fn left(&self, limit: TimeDelta) -> Option<Duration> {
        match self.clock {
            Clock::System => Some((limit - self.elapsed()).to_std().unwrap_or_default()),
            Clock::Manual(_) | Clock::Skewed { .. } => None,
        }
    }
}

fn millis_since_epoch(now: DateTime<Utc>) -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(now.timestamp_millis()))
}

fn date(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).expect("a clock shows a date")
}
