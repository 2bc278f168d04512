//! Guessing: how long a client waits after failures. What is counted together, and where the count is kept, is decided
//! above.
//!
//! An attempt is noted as in flight before it is judged, and becomes a failure only when it is judged wrong. Attempts made at
//! the same time must not slip through, so one in flight weighs as much as a failure; but an attempt that it alone holds
//! up is told to wait for it ([`Refusal::InFlight`]) and is not refused. One that is not judged within [`JUDGED_WITHIN`],
//! since its server crashed, is a failure.
//!
//! All times are those of one clock. That clock may have been ahead and be right again: a count from the future counts as
//! made now ([`Attempts::seen_at`]).

use chrono::{DateTime, TimeDelta, Utc};

/// A failure is forgotten after that long without another one.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// An attempt that was not judged for that long has failed. A server that crashes holds up an account for no longer.
pub const JUDGED_WITHIN: TimeDelta = TimeDelta::seconds(5);

/// That many in flight may all fail, and are no reason for trust.
const CLEAN_IN_FLIGHT: usize = 4;

/// What is known of attempts that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// How many failed, one after the other.
    pub failures: u32,
    /// When the last one was made.
    pub last_at: DateTime<Utc>,
    /// When the next one may be made.
    pub not_before: DateTime<Utc>,
    /// When those began that are not judged yet. The time identifies an attempt: two that began in the same millisecond
    /// count the same.
    pub in_flight: Vec<DateTime<Utc>>,
}

/// How long a client waits after so many failures.
#[derive(Debug)]
pub struct Steps {
    /// From that number of failures on, the wait is that long; rising.
    pub delays: &'static [(u32, TimeDelta)],
    /// After that many, the wait is a day.
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

/// Why an attempt may not begin. It is not counted then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is too early; the time is when it no longer is.
    TooEarly(DateTime<Utc>),
    /// Others are being judged, and what becomes of them decides. The time is when one of them has failed at the latest.
    InFlight(DateTime<Utc>),
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

impl Rate {
    /// The time in which one is counted.
    #[must_use]
    pub fn share(&self) -> TimeDelta {
        self.per / i32::try_from(self.number.max(1)).unwrap_or(i32::MAX)
    }
}

impl Attempts {
    /// None so far.
    #[must_use]
    pub const fn none(now: DateTime<Utc>) -> Self {
        Self { failures: 0, last_at: now, not_before: now, in_flight: Vec::new() }
    }

    /// The same as the clock shows `now`: a count from the future is one of this moment, with the waits it brought about.
    /// Keep what this answers even where an attempt is refused, or the moment never passes.
    #[must_use]
    pub fn seen_at(self, now: DateTime<Utc>) -> Self {
        let ahead = (self.last_at - now).max(TimeDelta::zero());
        Self {
            last_at: self.last_at - ahead,
            not_before: self.not_before - ahead,
            in_flight: self.in_flight.into_iter().map(|begun| begun.min(now)).collect(),
            ..self
        }
    }

    /// The same as it stands `now`, where those that were not judged in time have failed, too. Keep it as that of
    /// [`Attempts::seen_at`].
    #[must_use]
    pub fn settled(self, steps: &Steps, now: DateTime<Utc>) -> Self {
        let mut settled = self.seen_at(now);
        let is_lapsed = |begun: &mut DateTime<Utc>| *begun + JUDGED_WITHIN <= now;
        let lapsed: Vec<_> = settled.in_flight.extract_if(.., is_lapsed).collect();
        lapsed.into_iter().fold(settled, |attempts, begun| attempts.count(steps, begun))
    }

    /// Notes one more as in flight. `arrived` is when it was asked for: what had to wait for others is judged as if it had not,
    /// so that of any number that arrive together the first failure refuses all others, however long that takes.
    ///
    /// # Errors
    ///
    /// [`Refusal`].
    pub fn begin(&self, steps: &Steps, arrived: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let failures = self.failures_at(now);
        if arrived < self.not_before && !steps.wait(failures).is_zero() {
            return Err(Refusal::TooEarly(self.not_before));
        }
        let unjudged = u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX);
        if let Some(first) = self.in_flight.iter().min()
            && !steps.wait(failures.saturating_add(unjudged)).is_zero()
        {
            return Err(Refusal::InFlight(*first + JUDGED_WITHIN));
        }
        let in_flight = self.in_flight.iter().copied().chain([now]).collect();
        Ok(Self { failures, last_at: now, in_flight, ..self.clone() })
    }

    /// Counts the one as failed that began at `begun`, unless it has become a failure by itself.
    #[must_use]
    pub fn failed(mut self, steps: &Steps, begun: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        if self.landed(begun) { self.count(steps, now) } else { self }
    }

    /// Takes the one back that began at `begun`, which did not fail. The failures of others stay.
    #[must_use]
    pub fn succeeded(mut self, begun: DateTime<Utc>) -> Self {
        let was_counted = !self.landed(begun);
        Self { failures: self.failures.saturating_sub(u32::from(was_counted)), ..self }
    }

    /// Whether the attempt was in flight, which it is no longer.
    fn landed(&mut self, begun: DateTime<Utc>) -> bool {
        let place = self.in_flight.iter().position(|time| *time == begun);
        place.map(|place| self.in_flight.swap_remove(place)).is_some()
    }

    fn count(self, steps: &Steps, at: DateTime<Utc>) -> Self {
        let failures = self.failures_at(at).saturating_add(1);
        let not_before = self.not_before.max(at + steps.wait(failures));
        Self { failures, last_at: self.last_at.max(at), not_before, ..self }
    }

    /// Whether no attempt failed, and hardly any is in flight that may. Attempts made at the same time are not all clean.
    #[must_use]
    pub fn is_clean(&self, now: DateTime<Utc>) -> bool {
        self.failures_at(now) == 0 && self.in_flight.len() < CLEAN_IN_FLIGHT
    }

    fn failures_at(&self, now: DateTime<Utc>) -> u32 {
        if now >= self.last_at + FORGOTTEN_AFTER { 0 } else { self.failures }
    }

    /// Gives back `part` of what [`Attempts::pass`] counted last, since less came of it.
    #[must_use]
    pub fn given_back(self, part: TimeDelta, now: DateTime<Utc>) -> Self {
        Self { not_before: (self.not_before - part).max(now), ..self }
    }

    /// Counts one more of what is limited whether it fails or not. `not_before` is when the whole number may be had at once
    /// again (the generic cell rate algorithm: one time is all it remembers).
    ///
    /// # Errors
    ///
    /// [`TooEarly`]: then it is not counted.
    pub fn pass(&self, rate: Rate, now: DateTime<Utc>) -> Result<Self, TooEarly> {
        let whole_again = self.not_before.max(now) + rate.share();
        let possible = whole_again - rate.per;
        if now < possible {
            return Err(TooEarly(possible));
        }
        Ok(Self { last_at: now, not_before: whole_again, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn begin(attempts: &Attempts, steps: &Steps, now: DateTime<Utc>) -> Result<Attempts, Refusal> {
        attempts.begin(steps, now, now)
    }

    /// One more that is wrong, and judged at once.
    fn fail(attempts: &Attempts, steps: &Steps, now: DateTime<Utc>) -> Result<Attempts, Refusal> {
        Ok(begin(attempts, steps, now)?.failed(steps, now, now))
    }

    /// The waits after the first, second, … failure of a client that tries again as soon as it may.
    fn waits(steps: &Steps, number: usize) -> Vec<i64> {
        let mut attempts = Attempts::none(at(0));
        let wait = |_| {
            let now = attempts.not_before;
            attempts = fail(&attempts, steps, now).unwrap();
            let early = fail(&attempts, steps, attempts.not_before - TimeDelta::milliseconds(1));
            assert_eq!(early.is_err(), attempts.not_before > now, "it may begin before the time");
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
        assert!(waits[..19].iter().all(|wait| *wait == 0));
        for (failures, wait) in [(20, 1), (50, 5), (100, 15), (999, 15), (1_000, 86_400)] {
            assert_eq!(waits[failures - 1], wait, "after {failures}");
        }
    }

    #[test]
    fn no_day_however_it_is_laid_sees_more_than_a_hundred() {
        let (mut attempts, mut now, mut made) = (Attempts::none(at(0)), at(0), Vec::new());
        while now < at(3 * 86_400) {
            if let Ok(next) = fail(&attempts, &OF_AN_ACCOUNT, now) {
                attempts = next;
                made.push(now);
            }
            now += TimeDelta::seconds(7);
        }
        assert!(made.len() > 200);
        assert!(made.windows(101).all(|times| times[100] - times[0] >= TimeDelta::days(1)));
    }

    #[test]
    fn failures_are_forgotten_after_a_day() {
        let attempts =
            (0..30).fold(Attempts::none(at(0)), |before, n| fail(&before, &OF_AN_ACCOUNT, at(n * 20)).unwrap());
        let next = fail(&attempts, &OF_AN_ACCOUNT, attempts.last_at + FORGOTTEN_AFTER).unwrap();
        assert_eq!(next.failures, 1);
    }

    #[test]
    fn an_attempt_waits_for_one_in_flight_and_is_refused_after_its_failure_only() {
        let first = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(0)).unwrap();
        assert_eq!(begin(&first, &OF_AN_ACCOUNT, at(1)), Err(Refusal::InFlight(at(5))));
        let right = first.clone().succeeded(at(0));
        assert!(right.failures == 0 && begin(&right, &OF_AN_ACCOUNT, at(1)).is_ok());
        let wrong = first.failed(&OF_AN_ACCOUNT, at(0), at(2));
        assert_eq!(
            begin(&wrong, &OF_AN_ACCOUNT, at(2)),
            Err(Refusal::TooEarly(at(3))),
            "the wait begins with the verdict"
        );
        assert!(begin(&wrong, &OF_AN_ACCOUNT, at(3)).is_ok());
    }

    #[test]
    fn an_attempt_that_waited_longer_than_the_pause_is_refused_as_if_it_had_not_waited() {
        let first = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(0)).unwrap();
        let wrong = first.failed(&OF_AN_ACCOUNT, at(0), at(1));
        assert_eq!(wrong.begin(&OF_AN_ACCOUNT, at(0), at(4)), Err(Refusal::TooEarly(at(2))));
        let right = wrong.begin(&OF_AN_ACCOUNT, at(2), at(4)).unwrap();
        assert_eq!((right.failures, right.in_flight), (1, vec![at(4)]));
    }

    #[test]
    fn as_many_are_in_flight_from_an_address_as_may_fail_without_a_wait() {
        let twenty = (0..20).fold(Attempts::none(at(0)), |before, _| begin(&before, &OF_AN_ADDRESS, at(0)).unwrap());
        assert_eq!(begin(&twenty, &OF_AN_ADDRESS, at(0)), Err(Refusal::InFlight(at(5))));
        let right = twenty.clone().succeeded(at(0));
        assert!(begin(&right, &OF_AN_ADDRESS, at(0)).is_ok());
        let wrong = (0..20).fold(twenty, |before, _| before.failed(&OF_AN_ADDRESS, at(0), at(0)));
        assert_eq!((wrong.failures, wrong.in_flight.len()), (20, 0));
        assert_eq!(begin(&wrong, &OF_AN_ADDRESS, at(0)), Err(Refusal::TooEarly(at(1))));
    }

    #[test]
    fn what_was_not_judged_in_time_has_failed_and_is_counted_once() {
        let begun = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(0)).unwrap();
        assert_eq!(begun.clone().settled(&OF_AN_ACCOUNT, at(4)), begun);
        let lapsed = begun.settled(&OF_AN_ACCOUNT, at(5));
        assert_eq!((lapsed.failures, lapsed.not_before, lapsed.in_flight.len()), (1, at(1), 0));
        assert!(begin(&lapsed, &OF_AN_ACCOUNT, at(5)).is_ok());
        assert_eq!(lapsed.clone().failed(&OF_AN_ACCOUNT, at(0), at(9)), lapsed);
        assert_eq!(lapsed.succeeded(at(0)).failures, 0, "it was right after all");
    }

    #[test]
    fn a_count_from_the_future_is_one_of_now() {
        let ahead =
            (0..9).fold(Attempts::none(at(0)), |before, n| fail(&before, &OF_AN_ACCOUNT, at(86_400 + n * 9)).unwrap());
        let seen = ahead.seen_at(at(100));
        assert_eq!((seen.failures, seen.last_at, seen.not_before), (9, at(100), at(105)));
        assert_eq!(seen.clone().seen_at(at(104)), seen, "it passes");
        let begun = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(86_400)).unwrap().settled(&OF_AN_ACCOUNT, at(7));
        assert_eq!(begun.in_flight, [at(7)]);
        assert_eq!(begun.settled(&OF_AN_ACCOUNT, at(12)).failures, 1);
    }

    #[test]
    fn a_rate_gives_its_number_at_once_and_the_rest_evenly() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |before, _| before.pass(rate, at(0)).unwrap());
        assert_eq!(full.pass(rate, at(0)), Err(TooEarly(at(1_200))));
        assert_eq!(full.pass(rate, at(1_199)), Err(TooEarly(at(1_200))));
        let next = full.pass(rate, at(1_200)).unwrap();
        assert_eq!(next.pass(rate, at(1_200)), Err(TooEarly(at(2_400))));
        assert!((0..3).try_fold(next, |before, _| before.pass(rate, at(10_000))).is_ok(), "unused, it fills up");
    }

    #[test]
    fn what_is_given_back_can_be_had_again_and_no_more_than_that() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |before, _| before.pass(rate, at(0)).unwrap());
        let part = full.clone().given_back(rate.share() / 2, at(0));
        assert_eq!(part.pass(rate, at(0)), Err(TooEarly(at(600))));
        let next = full.given_back(rate.share(), at(0)).pass(rate, at(0)).unwrap();
        assert_eq!(next.pass(rate, at(0)), Err(TooEarly(at(1_200))));
        assert_eq!(Attempts::none(at(0)).given_back(rate.per, at(0)), Attempts::none(at(0)));
    }

    #[test]
    fn attempts_are_clean_without_failures_and_with_few_in_flight() {
        let few = (0..3).fold(Attempts::none(at(0)), |before, _| begin(&before, &OF_AN_ADDRESS, at(0)).unwrap());
        assert!(few.is_clean(at(0)));
        assert!(!begin(&few, &OF_AN_ADDRESS, at(0)).unwrap().is_clean(at(0)));
        let failed = fail(&Attempts::none(at(0)), &OF_AN_ADDRESS, at(0)).unwrap();
        assert!(!failed.is_clean(at(1)) && failed.is_clean(at(0) + FORGOTTEN_AFTER));
    }

    #[test]
    fn a_rate_used_up_in_the_future_fills_up_from_now() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |before, _| before.pass(rate, at(86_400)).unwrap());
        assert_eq!(full.seen_at(at(0)).pass(rate, at(0)), Err(TooEarly(at(1_200))));
    }
}
