//! The clock of this machine against that of the database, which schedules keys.

use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::{accounts::clock::Clock, store::Store};

const CHECK: &str = "clock";

/// More than the way to the database takes.
const NOTICEABLE: TimeDelta = TimeDelta::seconds(2);
/// Access tokens are dated back by this, for verifiers with another clock.
const TOLERATED: TimeDelta = TimeDelta::seconds(30);

pub(super) async fn check(store: &Store) -> Finding {
    let before = Clock::System.now();
    let found = store.database_time().await;
    let after = Clock::System.now();
    match found {
        Err(error) => Finding::problem(CHECK, format!("the database does not tell its time: {error}")),
        Ok(None) => Finding::ok(CHECK, "the database has the clock of this machine"),
        Ok(Some(database)) => judge(database, before + (after - before) / 2),
    }
}

fn judge(database: DateTime<Utc>, own: DateTime<Utc>) -> Finding {
    let difference = (own - database).abs();
    let word = if own < database { "behind" } else { "ahead of" };
    #[expect(clippy::cast_precision_loss, reason = "it is printed with one digit")]
    let seconds = difference.num_milliseconds() as f64 / 1000.0;
    let text = format!("{seconds:.1} seconds {word} that of the database");
    if difference <= NOTICEABLE {
        Finding::ok(CHECK, text)
    } else if difference <= TOLERATED {
        Finding::warning(CHECK, format!("{text}; synchronize both with NTP"))
    } else {
        Finding::problem(CHECK, format!("{text}; services refuse access tokens: synchronize both with NTP"))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Status, *};

    #[test]
    fn difference_is_judged_in_both_directions() {
        let own = DateTime::UNIX_EPOCH;
        for (milliseconds, status) in [
            (0, Status::Ok),
            (-2_000, Status::Ok),
            (2_100, Status::Warning),
            (-30_000, Status::Warning),
            (30_001, Status::Problem),
            (-86_400_000, Status::Problem),
        ] {
            assert_eq!(judge(own + TimeDelta::milliseconds(milliseconds), own).status, status, "{milliseconds}");
        }
        assert!(judge(own + TimeDelta::seconds(3), own).message.starts_with("3.0 seconds behind"));
    }
}
