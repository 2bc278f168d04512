//! Times as the database keeps them: unix milliseconds, UTC. It never reads a clock.

use chrono::{DateTime, Utc};

/// The time as a column holds it, cut to milliseconds.
pub const fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// The time a column holds. A number beyond the calendar, which this program never writes, reads as the epoch.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
