//! `TimeRange`: from one time to another.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use fieldguard_domain::user_list::Millis;

/// A range of times. A bound that is absent is open.
#[derive(InputObject)]
pub struct TimeRange {
    /// The start of the range, which is in it.
    from: Option<DateTime<Utc>>,
    /// The end of the range, which is not in it.
    until: Option<DateTime<Utc>>,
}

impl TimeRange {
    /// The first time in the range, and the first after it.
    pub(crate) const fn bounds(self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        (self.from, self.until)
    }
}

impl From<TimeRange> for Millis {
    fn from(range: TimeRange) -> Self {
        Self::between(range.from, range.until)
    }
}
