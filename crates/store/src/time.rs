//! Times as the database stores them: Unix milliseconds, UTC. This module reads no clock.

use chrono::{DateTime, Utc};

/// The stored value of the time, cut to milliseconds.
pub const fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// The time of a stored value. A number outside the calendar, which this program never writes, gives the epoch.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
