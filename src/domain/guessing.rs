//! Guessing: how long one waits after so many failures. What is counted together, and where the count is kept, is decided
//! above.

use chrono::{DateTime, TimeDelta, Utc};

/// A failure is forgotten after that long without another one.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// What is known of attempts that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many failed, one after the other.
    pub failures: u32,
    /// When the last one was made.
    pub last_at: DateTime<Utc>,
    /// When the next one may be made.
    pub not_before: DateTime<Utc>,
}

/// How long one waits after so many failures.
#[derive(Debug)]
pub struct Steps {
    /// From so many failures on, one waits that long; rising.
    pub delays: &'static [(u32, TimeDelta)],
    /// After so many, one waits for a day.
    pub a_day: u32,
}

/// Steps for one account, after kanidm's: slow enough for guesses, quick enough for typing errors.
pub const OF_AN_ACCOUNT: Steps = Steps {
    delays: &[
        (1, TimeDelta::seconds(1)),
        (3, TimeDelta::seconds(3)),
        (9, TimeDelta::seconds(5)),
        (25, TimeDelta::seconds(10)),
    ],
    a_day: 100,
};

/// Steps for one address, whichever accounts are tried from it: a company or a school may share one.
pub const OF_AN_ADDRESS: Steps = Steps {
    delays: &[(20, TimeDelta::seconds(1)), (50, TimeDelta::seconds(5)), (100, TimeDelta::seconds(15))],
    a_day: 1_000,
};

/// So many at once, and after that as many in such a time, evenly.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// How many; at least 1.
    pub number: u32,
    /// In what time.
    pub per: TimeDelta,
}

/// It is too early; the time is when it no longer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooEarly(pub DateTime<Utc>);

impl Steps {
    fn wait(&self, failures: u32) -> TimeDelta {
        if failures >= self.a_day {
            return FORGOTTEN_AFTER;
        }
        let reached = self.delays.iter().rev().find(|(after, _)| failures >= *after);
        reached.map_or(TimeDelta::zero(), |(_, delay)| *delay)
    }
}

impl Attempts {
    /// None so far.
    #[must_use]
    pub const fn none(now: DateTime<Utc>) -> Self {
        Self { failures: 0, last_at: now, not_before: now }
    }

    /// Counts one more as failed, before anybody knows how it ends: attempts made at the same time must not slip through.
    ///
    /// # Errors
    ///
    /// [`TooEarly`]: then it is not counted.
    pub fn attempt(self, steps: &Steps, now: DateTime<Utc>) -> Result<Self, TooEarly> {
        let before = if now >= self.last_at + FORGOTTEN_AFTER { 0 } else { self.failures };
        // Where there is no wait, clocks of several machines that differ a little make none.
        if now < self.not_before && !steps.wait(before).is_zero() {
            return Err(TooEarly(self.not_before));
        }
        let failures = before.saturating_add(1);
        Ok(Self { failures, last_at: now, not_before: now + steps.wait(failures) })
    }

    /// Takes back one that did not fail. The others stay, and so does the wait they brought about.
    #[must_use]
    pub const fn one_less(self) -> Self {
        Self { failures: self.failures.saturating_sub(1), ..self }
    }

    /// Counts one more of what is limited whether it fails or not. `not_before` is when the whole number may be had at once
    /// again (the generic cell rate algorithm: one time is all it remembers).
    ///
    /// # Errors
    ///
    /// [`TooEarly`]: then it is not counted.
    pub fn pass(self, rate: Rate, now: DateTime<Utc>) -> Result<Self, TooEarly> {
        let share = rate.per / i32::try_from(rate.number.max(1)).unwrap_or(i32::MAX);
        let whole_again = self.not_before.max(now) + share;
        let possible = whole_again - rate.per;
        if now < possible {
            return Err(TooEarly(possible));
        }
        Ok(Self { last_at: now, not_before: whole_again, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// The waits after the first, second, … failure of somebody who tries again as soon as he may.
    fn waits(steps: &Steps, number: usize) -> Vec<i64> {
        let mut attempts = Attempts::none(at(0));
        let wait = |_| {
            let now = attempts.not_before;
            attempts = attempts.attempt(steps, now).unwrap();
            let early = attempts.attempt(steps, attempts.not_before - TimeDelta::milliseconds(1));
            assert_eq!(early.is_err(), attempts.not_before > now, "one may try before the time");
            (attempts.not_before - now).num_seconds()
        };
        (0..number).map(wait).collect()
    }

    #[test]
    fn an_account_waits_longer_and_longer_and_then_a_day() {
        let waits = waits(&OF_AN_ACCOUNT, 101);
        for (failures, wait) in [(1, 1), (2, 1), (3, 3), (8, 3), (9, 5), (24, 5), (25, 10), (99, 10), (100, 86_400)] {
            assert_eq!(waits[failures - 1], wait, "after {failures}");
        }
        assert_eq!(waits[100], 1, "the next day begins anew");
    }

    #[test]
    fn an_address_is_free_for_the_first_failures() {
        let waits = waits(&OF_AN_ADDRESS, 1_000);
        assert!(waits[..19].iter().all(|it| *it == 0));
        for (failures, wait) in [(20, 1), (50, 5), (100, 15), (999, 15), (1_000, 86_400)] {
            assert_eq!(waits[failures - 1], wait, "after {failures}");
        }
    }

    #[test]
    fn no_day_however_it_is_laid_sees_more_than_a_hundred() {
        let (mut attempts, mut now, mut made) = (Attempts::none(at(0)), at(0), Vec::new());
        while now < at(3 * 86_400) {
            if let Ok(next) = attempts.attempt(&OF_AN_ACCOUNT, now) {
                attempts = next;
                made.push(now);
            }
            now += TimeDelta::seconds(7);
        }
        assert!(made.len() > 200);
        assert!(made.windows(101).all(|it| it[100] - it[0] >= TimeDelta::days(1)));
    }

    #[test]
    fn failures_are_forgotten_after_a_day() {
        let attempts = (0..30).fold(Attempts::none(at(0)), |it, n| it.attempt(&OF_AN_ACCOUNT, at(n * 20)).unwrap());
        let next = attempts.attempt(&OF_AN_ACCOUNT, attempts.last_at + FORGOTTEN_AFTER).unwrap();
        assert_eq!(next.failures, 1);
    }

    #[test]
    fn a_rate_gives_its_number_at_once_and_the_rest_evenly() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |it, _| it.pass(rate, at(0)).unwrap());
        assert_eq!(full.pass(rate, at(0)), Err(TooEarly(at(1_200))));
        assert_eq!(full.pass(rate, at(1_199)), Err(TooEarly(at(1_200))));
        let next = full.pass(rate, at(1_200)).unwrap();
        assert_eq!(next.pass(rate, at(1_200)), Err(TooEarly(at(2_400))));
        assert!((0..3).try_fold(next, |it, _| it.pass(rate, at(10_000))).is_ok(), "unused, it fills up");
    }
}
