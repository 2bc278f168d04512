//! How long to wait before a delivery that failed is tried again.

use chrono::TimeDelta;
use uuid::Uuid;

/// The wait after the first failure. Each further wait is three times as long.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
/// The longest wait that the server chooses.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// The wait after attempt number `attempts`, longer or shorter by up to a fifth. The difference follows from the random
/// bits of the identifier, so that deliveries that failed together are not tried together again.
#[must_use]
pub fn wait(id: Uuid, attempts: u32) -> TimeDelta {
    let exponent = attempts.saturating_sub(1).min(10);
    let wait = (FIRST_WAIT * 3_i32.pow(exponent)).min(LONGEST_WAIT);
    let [.., random] = id.into_bytes();
    let per_mille = 800 + i32::from(random) * 400 / 255;
    wait * per_mille / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_that_failed_together_are_tried_apart() {
        let wait = |random: u8| wait(Uuid::from_u128(random.into()), 5).num_milliseconds();
        assert!(wait(0) < wait(100) && wait(100) < wait(255));
    }
}
