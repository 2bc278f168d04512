//! Brute-force protection: how long a client waits after failed attempts. Callers decide which attempts are counted
//! together and where the count is stored.
//!
//! An attempt is recorded as in flight before it is verified, and becomes a failure only when the verification fails.
//! Concurrent attempts must not bypass the limit, so an attempt in flight weighs as much as a failure. An attempt that
//! only in-flight attempts hold up waits for them ([`Refusal::InFlight`]) instead of being refused. An attempt whose
//! server crashed, so that it is not verified within [`JUDGED_WITHIN`], is a failure.
//!
//! All times come from one clock. If that clock was ahead and is right again, a count from the future counts as made
//! now ([`Attempts::seen_at`]).

use chrono::{DateTime, TimeDelta, Utc};

/// Failures are forgotten after this time without another failure.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// The time after which an unverified attempt counts as failed. A crashed server blocks an account no longer than this.
pub const JUDGED_WITHIN: TimeDelta = TimeDelta::seconds(5);

/// The number of attempts in flight from which a client no longer counts as clean: all of them may fail.
const CLEAN_IN_FLIGHT: usize = 4;

/// The state of attempts that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// The number of failures in a row.
    pub failures: u32,
    /// The time of the last attempt.
    pub last_at: DateTime<Utc>,
    /// The earliest time of the next attempt.
    pub not_before: DateTime<Utc>,
    /// The start times of attempts that are not verified yet. The start time identifies an attempt: two attempts of the
    /// same millisecond are equivalent.
    pub in_flight: Vec<DateTime<Utc>>,
}

/// The wait after a number of failures.
#[derive(Debug)]
pub struct Steps {
    /// Pairs of a number of failures and the wait from that number on, in rising order.
    pub delays: &'static [(u32, TimeDelta)],
    /// The number of failures from which the wait is a day.
    pub a_day: u32,
}

/// The steps for one account, as in kanidm: slow enough against guessing, quick enough for typing errors.
pub const OF_AN_ACCOUNT: Steps = Steps {
    delays: &[
        (1, TimeDelta::seconds(1)),
        (3, TimeDelta::seconds(3)),
        (9, TimeDelta::seconds(5)),
        (25, TimeDelta::seconds(10)),
    ],
    a_day: 100,
};

/// The steps for one IP address, for all accounts together. A company or a school may share one address.
pub const OF_AN_ADDRESS: Steps = Steps {
    delays: &[(20, TimeDelta::seconds(1)), (50, TimeDelta::seconds(5)), (100, TimeDelta::seconds(15))],
    a_day: 1_000,
};

/// A rate limit: `number` at once, and then `number` evenly spread over each `per`.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// The number of requests; at least 1.
    pub number: u32,
    /// The period.
    pub per: TimeDelta,
}

/// Why an attempt must not begin. A refused attempt is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The client must wait until this time.
    TooEarly(DateTime<Utc>),
    /// Attempts in flight must be verified first. At this time the first of them counts as failed at the latest.
    InFlight(DateTime<Utc>),
}

/// The client must wait until this time.
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
    /// The part of the period that one request uses.
    #[must_use]
    pub fn share(&self) -> TimeDelta {
        self.per / i32::try_from(self.number.max(1)).unwrap_or(i32::MAX)
    }
}

impl Attempts {
    /// No attempts so far.
    #[must_use]
    pub const fn none(now: DateTime<Utc>) -> Self {
        Self { failures: 0, last_at: now, not_before: now, in_flight: Vec::new() }
    }

    /// The same attempts at the time `now`: a count from the future moves to `now`, with its waits. Store the result
    /// even if the attempt is refused, or the wait never passes.
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

    /// The same attempts at the time `now`, where attempts that were not verified in time have failed. Store the result
    /// as with [`Attempts::seen_at`].
    #[must_use]
    pub fn settled(self, steps: &Steps, now: DateTime<Utc>) -> Self {
        let mut settled = self.seen_at(now);
        let is_lapsed = |begun: &mut DateTime<Utc>| *begun + JUDGED_WITHIN <= now;
        let lapsed: Vec<_> = settled.in_flight.extract_if(.., is_lapsed).collect();
        lapsed.into_iter().fold(settled, |attempts, begun| attempts.count(steps, begun))
    }

    /// Records one more attempt as in flight. `arrived` is when the request arrived. The check uses that time and
    /// ignores how long the attempt waited for others, so that of attempts that arrive together the first failure
    /// refuses all others.
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

    /// Counts the attempt that began at `begun` as failed, unless it already counts as failed because of its age.
    #[must_use]
    pub fn failed(mut self, steps: &Steps, begun: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        if self.remove_in_flight(begun) { self.count(steps, now) } else { self }
    }

    /// Removes the successful attempt that began at `begun`. Failures of other attempts stay.
    #[must_use]
    pub fn succeeded(mut self, begun: DateTime<Utc>) -> Self {
        let was_counted = !self.remove_in_flight(begun);
        Self { failures: self.failures.saturating_sub(u32::from(was_counted)), ..self }
    }

    /// Removes the attempt from those in flight. Returns whether it was among them.
    fn remove_in_flight(&mut self, begun: DateTime<Utc>) -> bool {
        let place = self.in_flight.iter().position(|time| *time == begun);
        place.map(|place| self.in_flight.swap_remove(place)).is_some()
    }

    fn count(self, steps: &Steps, at: DateTime<Utc>) -> Self {
        let failures = self.failures_at(at).saturating_add(1);
        let not_before = self.not_before.max(at + steps.wait(failures));
        Self { failures, last_at: self.last_at.max(at), not_before, ..self }
    }

    /// Whether no attempt failed and fewer than four are in flight. Many concurrent attempts may all fail.
    #[must_use]
    pub fn is_clean(&self, now: DateTime<Utc>) -> bool {
        self.failures_at(now) == 0 && self.in_flight.len() < CLEAN_IN_FLIGHT
    }

    fn failures_at(&self, now: DateTime<Utc>) -> u32 {
        if now >= self.last_at + FORGOTTEN_AFTER { 0 } else { self.failures }
    }

    /// Returns `part` of what [`Attempts::pass`] counted last, because less was used.
    #[must_use]
    pub fn given_back(self, part: TimeDelta, now: DateTime<Utc>) -> Self {
        Self { not_before: (self.not_before - part).max(now), ..self }
    }

    /// Counts one more request against `rate`, whether it fails or not. `not_before` is the time at which the full
    /// number is available again (generic cell rate algorithm, which stores only one time).
    ///
    /// # Errors
    ///
    /// [`TooEarly`]. The request is not counted.
    pub fn pass(&self, rate: Rate, now: DateTime<Utc>) -> Result<Self, TooEarly> {
        let full_again = self.not_before.max(now) + rate.share();
        let possible = full_again - rate.per;
        if now < possible {
            return Err(TooEarly(possible));
        }
        Ok(Self { last_at: now, not_before: full_again, ..self.clone() })
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

    /// Makes one attempt that fails at once.
    fn fail(attempts: &Attempts, steps: &Steps, now: DateTime<Utc>) -> Result<Attempts, Refusal> {
        Ok(begin(attempts, steps, now)?.failed(steps, now, now))
    }

    /// The waits after each failure of a client that tries again as soon as possible.
    fn waits(steps: &Steps, number: usize) -> Vec<i64> {
        let mut attempts = Attempts::none(at(0));
        let wait = |_| {
            let now = attempts.not_before;
            attempts = fail(&attempts, steps, now).unwrap();
            let early = fail(&attempts, steps, attempts.not_before - TimeDelta::milliseconds(1));
            assert_eq!(early.is_err(), attempts.not_before > now, "an early attempt is allowed");
            (attempts.not_before - now).num_seconds()
        };
        (0..number).map(wait).collect()
    }

    #[test]
    fn waits_for_an_account_rise_to_a_day() {
        let waits = waits(&OF_AN_ACCOUNT, 101);
        for (failures, wait) in [(1, 1), (2, 1), (3, 3), (8, 3), (9, 5), (24, 5), (25, 10), (99, 10), (100, 86_400)] {
            assert_eq!(waits[failures - 1], wait, "after {failures}");
        }
        assert_eq!(waits[100], 1, "failures are forgotten after a day");
    }

    #[test]
    fn an_address_does_not_wait_for_the_first_failures() {
        let waits = waits(&OF_AN_ADDRESS, 1_000);
        assert!(waits[..19].iter().all(|wait| *wait == 0));
        for (failures, wait) in [(20, 1), (50, 5), (100, 15), (999, 15), (1_000, 86_400)] {
            assert_eq!(waits[failures - 1], wait, "after {failures}");
        }
    }

    #[test]
    fn any_24_hours_allow_at_most_100_failures() {
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
    fn an_attempt_waits_for_one_in_flight_and_is_refused_after_it_failed() {
        let first = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(0)).unwrap();
        assert_eq!(begin(&first, &OF_AN_ACCOUNT, at(1)), Err(Refusal::InFlight(at(5))));
        let right = first.clone().succeeded(at(0));
        assert!(right.failures == 0 && begin(&right, &OF_AN_ACCOUNT, at(1)).is_ok());
        let wrong = first.failed(&OF_AN_ACCOUNT, at(0), at(2));
        assert_eq!(
            begin(&wrong, &OF_AN_ACCOUNT, at(2)),
            Err(Refusal::TooEarly(at(3))),
            "the wait begins with the failure"
        );
        assert!(begin(&wrong, &OF_AN_ACCOUNT, at(3)).is_ok());
    }

    #[test]
    fn a_queued_attempt_is_refused_by_its_arrival_time() {
        let first = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(0)).unwrap();
        let wrong = first.failed(&OF_AN_ACCOUNT, at(0), at(1));
        assert_eq!(wrong.begin(&OF_AN_ACCOUNT, at(0), at(4)), Err(Refusal::TooEarly(at(2))));
        let right = wrong.begin(&OF_AN_ACCOUNT, at(2), at(4)).unwrap();
        assert_eq!((right.failures, right.in_flight), (1, vec![at(4)]));
    }

    #[test]
    fn attempts_in_flight_are_limited_by_the_failures_without_a_wait() {
        let twenty = (0..20).fold(Attempts::none(at(0)), |before, _| begin(&before, &OF_AN_ADDRESS, at(0)).unwrap());
        assert_eq!(begin(&twenty, &OF_AN_ADDRESS, at(0)), Err(Refusal::InFlight(at(5))));
        let right = twenty.clone().succeeded(at(0));
        assert!(begin(&right, &OF_AN_ADDRESS, at(0)).is_ok());
        let wrong = (0..20).fold(twenty, |before, _| before.failed(&OF_AN_ADDRESS, at(0), at(0)));
        assert_eq!((wrong.failures, wrong.in_flight.len()), (20, 0));
        assert_eq!(begin(&wrong, &OF_AN_ADDRESS, at(0)), Err(Refusal::TooEarly(at(1))));
    }

    #[test]
    fn an_unverified_attempt_fails_in_time_and_counts_once() {
        let begun = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(0)).unwrap();
        assert_eq!(begun.clone().settled(&OF_AN_ACCOUNT, at(4)), begun);
        let lapsed = begun.settled(&OF_AN_ACCOUNT, at(5));
        assert_eq!((lapsed.failures, lapsed.not_before, lapsed.in_flight.len()), (1, at(1), 0));
        assert!(begin(&lapsed, &OF_AN_ACCOUNT, at(5)).is_ok());
        assert_eq!(lapsed.clone().failed(&OF_AN_ACCOUNT, at(0), at(9)), lapsed);
        assert_eq!(lapsed.succeeded(at(0)).failures, 0, "a late success removes the failure");
    }

    #[test]
    fn a_count_from_the_future_moves_to_now() {
        let ahead =
            (0..9).fold(Attempts::none(at(0)), |before, n| fail(&before, &OF_AN_ACCOUNT, at(86_400 + n * 9)).unwrap());
        let seen = ahead.seen_at(at(100));
        assert_eq!((seen.failures, seen.last_at, seen.not_before), (9, at(100), at(105)));
        assert_eq!(seen.clone().seen_at(at(104)), seen, "the wait passes");
        let begun = begin(&Attempts::none(at(0)), &OF_AN_ACCOUNT, at(86_400)).unwrap().settled(&OF_AN_ACCOUNT, at(7));
        assert_eq!(begun.in_flight, [at(7)]);
        assert_eq!(begun.settled(&OF_AN_ACCOUNT, at(12)).failures, 1);
    }

    #[test]
    fn a_rate_allows_its_number_at_once_and_then_evenly() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |before, _| before.pass(rate, at(0)).unwrap());
        assert_eq!(full.pass(rate, at(0)), Err(TooEarly(at(1_200))));
        assert_eq!(full.pass(rate, at(1_199)), Err(TooEarly(at(1_200))));
        let next = full.pass(rate, at(1_200)).unwrap();
        assert_eq!(next.pass(rate, at(1_200)), Err(TooEarly(at(2_400))));
        assert!((0..3).try_fold(next, |before, _| before.pass(rate, at(10_000))).is_ok(), "an unused rate refills");
    }

    #[test]
    fn given_back_parts_can_be_used_again() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |before, _| before.pass(rate, at(0)).unwrap());
        let part = full.clone().given_back(rate.share() / 2, at(0));
        assert_eq!(part.pass(rate, at(0)), Err(TooEarly(at(600))));
        let next = full.given_back(rate.share(), at(0)).pass(rate, at(0)).unwrap();
        assert_eq!(next.pass(rate, at(0)), Err(TooEarly(at(1_200))));
        assert_eq!(Attempts::none(at(0)).given_back(rate.per, at(0)), Attempts::none(at(0)));
    }

    #[test]
    fn attempts_are_clean_without_failures_and_few_in_flight() {
        let few = (0..3).fold(Attempts::none(at(0)), |before, _| begin(&before, &OF_AN_ADDRESS, at(0)).unwrap());
        assert!(few.is_clean(at(0)));
        assert!(!begin(&few, &OF_AN_ADDRESS, at(0)).unwrap().is_clean(at(0)));
        let failed = fail(&Attempts::none(at(0)), &OF_AN_ADDRESS, at(0)).unwrap();
        assert!(!failed.is_clean(at(1)) && failed.is_clean(at(0) + FORGOTTEN_AFTER));
    }

    #[test]
    fn a_rate_used_up_in_the_future_refills_from_now() {
        let rate = Rate { number: 3, per: TimeDelta::hours(1) };
        let full = (0..3).fold(Attempts::none(at(0)), |before, _| before.pass(rate, at(86_400)).unwrap());
        assert_eq!(full.seen_at(at(0)).pass(rate, at(0)), Err(TooEarly(at(1_200))));
    }
}
