//! `TimeRange`: from one time to another.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use fieldguard_domain::user_list::Millis;

/// From one time to another. What is absent does not bound it.
#[derive(InputObject)]
pub struct TimeRange {
    /// The first time in it.
    from: Option<DateTime<Utc>>,
    /// The first time after it, which is not in it.
    until: Option<DateTime<Utc>>,
}

impl From<TimeRange> for Millis {
    fn from(range: TimeRange) -> Self {
        Self::between(range.from, range.until)
    }
}
