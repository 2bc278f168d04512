//! What a receiver's answer means for an event: delivered, dead, or when it is tried again.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{backoff::wait, id::WebhookEventId};

/// The longest wait that a receiver can ask for.
const LONGEST_ASKED: TimeDelta = TimeDelta::days(1);

/// The result of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The wait that the receiver asked for, in `Retry-After`.
        retry_after: Option<TimeDelta>,
    },
    /// There was no answer.
    Failed(DeliveryFailure),
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryFailure {
    /// The receiver did not answer in time.
    Timeout,
    /// The name has no address, or no connection could be made. This includes failures of TLS.
    Connection,
    /// The receiver has an address that the configuration does not allow.
    BlockedAddress,
    /// The connection failed after the request was sent.
    Request,
}

impl DeliveryFailure {
    /// The name in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::BlockedAddress => "blocked-address",
            Self::Request => "request",
        }
    }
}

impl Outcome {
    /// Whether the receiver accepted the event.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Answered { status: 200..=299, .. })
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(status),
            Self::Failed(_) => None,
        }
    }

    /// Why there was no answer.
    #[must_use]
    pub const fn failure(self) -> Option<DeliveryFailure> {
        match self {
            Self::Answered { .. } => None,
            Self::Failed(failure) => Some(failure),
        }
    }
}

/// What happens to an event after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// It is delivered.
    Delivered,
    /// It is tried again at this time.
    Retry(DateTime<Utc>),
    /// It is not tried again.
    GiveUp,
}

/// For how long events are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long after it was recorded or replayed an event is still tried.
    pub retry_for: TimeDelta,
}

impl RetryPolicy {
    /// What follows from the `outcome` of an attempt that ended at `now`. It was attempt number `attempts` since the
    /// event was recorded or replayed at `queued_at`. The last attempt is at the end of that time.
    #[must_use]
    pub fn after(
        self,
        outcome: Outcome,
        event: WebhookEventId,
        attempts: u32,
        queued_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> NextStep {
        if outcome.is_success() {
            return NextStep::Delivered;
        }
        let end = queued_at + self.retry_for;
        // 410: the receiver wants no more of this.
        if outcome.status() == Some(410) || now >= end {
            return NextStep::GiveUp;
        }
        let asked = match outcome {
            Outcome::Answered { status: 429 | 503, retry_after: Some(wait) } => wait.min(LONGEST_ASKED),
            _ => TimeDelta::zero(),
        };
        NextStep::Retry((now + wait(event.uuid(), attempts).max(asked)).min(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { retry_for: TimeDelta::days(3) };

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn answered(status: u16, retry_after: Option<i64>) -> Outcome {
        Outcome::Answered { status, retry_after: retry_after.map(TimeDelta::seconds) }
    }

    fn after(outcome: Outcome, attempts: u32, passed: TimeDelta) -> NextStep {
        POLICY.after(outcome, WebhookEventId::new(start()), attempts, start(), start() + passed)
    }

    fn seconds(step: NextStep, passed: TimeDelta) -> i64 {
        let NextStep::Retry(at) = step else { panic!("{step:?}") };
        (at - start() - passed).num_seconds()
    }

    #[test]
    fn only_a_status_of_success_delivers() {
        for status in [200, 202, 204, 299] {
            assert_eq!(after(answered(status, None), 1, TimeDelta::zero()), NextStep::Delivered);
        }
        for status in [100, 199, 300, 301, 302, 307, 400, 401, 404, 500, 503] {
            assert!(matches!(after(answered(status, None), 1, TimeDelta::zero()), NextStep::Retry(_)), "{status}");
        }
        assert_eq!(after(answered(410, Some(5)), 1, TimeDelta::zero()), NextStep::GiveUp);
    }

    #[test]
    fn waits_grow_up_to_an_hour() {
        for (attempts, nominal) in [(1, 5), (2, 15), (3, 45), (6, 1_215), (8, 3_600), (u32::MAX, 3_600)] {
            let waited = seconds(after(answered(500, None), attempts, TimeDelta::zero()), TimeDelta::zero());
            assert!((nominal * 4 / 5..=nominal * 6 / 5).contains(&waited), "{attempts}: {waited}");
        }
    }

    #[test]
    fn receivers_can_ask_for_a_longer_wait() {
        let asking =
            |status, wait| seconds(after(answered(status, Some(wait)), 1, TimeDelta::zero()), TimeDelta::zero());
        assert_eq!((asking(429, 600), asking(503, 7_200)), (600, 7_200));
        assert!(asking(429, 1) >= 4, "never a shorter one");
        assert!(asking(500, 600) < 10, "only with these answers");
        assert_eq!(asking(503, i64::from(i32::MAX)), 86_400, "a day at most");
    }

    #[test]
    fn the_last_attempt_is_at_the_end_of_the_time() {
        let before = TimeDelta::days(3) - TimeDelta::seconds(1);
        assert_eq!(seconds(after(Outcome::Failed(DeliveryFailure::Timeout), 50, before), before), 1);
        assert_eq!(after(answered(500, None), 51, TimeDelta::days(3)), NextStep::GiveUp);
        assert_eq!(after(answered(200, None), 51, TimeDelta::days(3)), NextStep::Delivered);
    }
}
