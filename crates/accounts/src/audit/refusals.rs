//! Limits how many refusals become audit events. A caller can be refused any number of times at no cost, and every
//! event is kept for months: without a limit, a script could fill the disk and bury other events. Each address or
//! account gets a fixed number of events per hour. The last one says that it is the last, and later refusals are not
//! recorded.
//!
//! Each process counts on its own, so several replicas record proportionally more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Events per hour from one address or account.
const PER_SOURCE: u32 = 100;
/// Events per hour from all sources. This also bounds the memory in use.
const IN_TOTAL: u32 = 10_000;

/// The refusals counted in the current hour.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    since: DateTime<Utc>,
    all: u32,
    by_source: HashMap<String, u32>,
}

/// Whether a refusal is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recording {
    /// It is recorded.
    Regular,
    /// It is recorded as the last one of this hour.
    Last,
    /// It is not recorded.
    None,
}

impl Refusals {
    /// Counts one refusal of `source`, an account or an address.
    pub(super) fn count(&self, source: &str, now: DateTime<Utc>) -> Recording {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now - inner.since >= TimeDelta::hours(1) || now < inner.since {
            *inner = Inner { since: now, ..Inner::default() };
        }
        if inner.all >= IN_TOTAL {
            return Recording::None;
        }
        let count = inner.by_source.entry(source.to_owned()).or_default();
        if *count >= PER_SOURCE {
            return Recording::None;
        }
        *count += 1;
        let is_last = *count == PER_SOURCE;
        inner.all += 1;
        if is_last || inner.all == IN_TOTAL { Recording::Last } else { Recording::Regular }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_an_hourly_limit_of_its_own() {
        let (refusals, now) = (Refusals::default(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let recordings: Vec<_> = (0..PER_SOURCE + 5).map(|_| refusals.count("a", now)).collect();
        let of = |recording| recordings.iter().filter(|other| **other == recording).count();
        assert_eq!((of(Recording::Regular), of(Recording::Last), of(Recording::None)), (99, 1, 5));
        assert_eq!(refusals.count("b", now), Recording::Regular);
        assert_eq!(refusals.count("a", now + TimeDelta::hours(1)), Recording::Regular);
    }

    #[test]
    fn all_sources_share_an_hourly_limit() {
        let (refusals, now) = (Refusals::default(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let recorded = (0..IN_TOTAL + 100).filter(|n| refusals.count(&n.to_string(), now) != Recording::None).count();
        assert_eq!(recorded, IN_TOTAL as usize);
    }
}
