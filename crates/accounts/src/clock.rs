//! The one place that reads the clock. Everything below takes the time as an argument, so that a test turns the hands.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Hands that stand still until a test moves them: milliseconds since the Unix epoch.
    Manual(Arc<AtomicI64>),
    /// The same for a machine whose clock differs from that of its database.
    Skewed {
        /// The machine's clock.
        own: Arc<AtomicI64>,
        /// The database's clock.
        database: Arc<AtomicI64>,
    },
}

impl Clock {
    /// A clock that stands at `now` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self::Manual(hands(now))
    }

    /// A manual clock that stands at `now`, of a machine whose database follows the manual clock `database`.
    ///
    /// # Panics
    ///
    /// Where `database` is not a manual clock.
    #[must_use]
    pub fn skewed(now: DateTime<Utc>, database: &Self) -> Self {
        let Self::Manual(database) = database else { panic!("the clock of the database is a manual one") };
        Self::Skewed { own: hands(now), database: database.clone() }
    }

    /// The time, to the millisecond, which is what the database keeps.
    ///
    /// # Panics
    ///
    /// Where a manual clock was moved beyond the years a date can have.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let millis = match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Utc::now().timestamp_millis(),
            Self::Manual(millis) | Self::Skewed { own: millis, .. } => millis.load(Ordering::Acquire),
        };
        date(millis)
    }

    /// The time that the database's clock shows, where a test has set it apart from the machine's.
    #[must_use]
    pub fn of_database(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Skewed { database, .. } => Some(date(database.load(Ordering::Acquire))),
            Self::System | Self::Manual(_) => None,
        }
    }

    /// Begins to measure a time that passes.
    #[must_use]
    pub fn stopwatch(&self) -> Stopwatch<'_> {
        Stopwatch { clock: self, begun: self.now(), instant: Instant::now() }
    }

    /// Whether it is the machine's clock.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        matches!(self, Self::System)
    }

    /// Moves a manual clock; the system's moves by itself.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Manual(millis) | Self::Skewed { own: millis, .. } = self {
            millis.fetch_add(by.num_milliseconds(), Ordering::AcqRel);
        }
    }
}

/// Measures a time that passes: with the system's clock, one that is set meanwhile changes nothing.
#[derive(Debug)]
pub struct Stopwatch<'a> {
    clock: &'a Clock,
    begun: DateTime<Utc>,
    instant: Instant,
}

impl Stopwatch<'_> {
    /// How long it has run.
    #[must_use]
    pub fn elapsed(&self) -> TimeDelta {
        match self.clock {
            Clock::System => TimeDelta::from_std(self.instant.elapsed()).unwrap_or(TimeDelta::MAX),
            Clock::Manual(_) | Clock::Skewed { .. } => self.clock.now() - self.begun,
        }
    }

    /// How much is left of `limit`, where the clock moves by itself.
    #[must_use]
    pub fn left(&self, limit: TimeDelta) -> Option<Duration> {
        match self.clock {
            Clock::System => Some((limit - self.elapsed()).to_std().unwrap_or_default()),
            Clock::Manual(_) | Clock::Skewed { .. } => None,
        }
    }
}

fn hands(now: DateTime<Utc>) -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(now.timestamp_millis()))
}

fn date(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).expect("a clock shows a date")
}
