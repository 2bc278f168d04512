//! Measurements for operators: a histogram of durations, and the hits of a cache. Recording takes no lock and allocates
//! nothing.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The upper bounds of the buckets, in microseconds, from an answer out of a cache to the time limit of an operation.
pub const BOUNDS: [u64; 16] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// Durations by bucket. The last bucket has no upper bound.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of durations up to each of [`BOUNDS`], and the number of all durations.
    pub cumulative: [u64; BOUNDS.len() + 1],
    /// The sum of all durations, in microseconds.
    pub microseconds: u64,
}

impl Histogram {
    /// Records one duration.
    pub fn record(&self, duration: Duration) {
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.buckets[BOUNDS.partition_point(|bound| *bound < microseconds)].fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// The current numbers.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut total = 0;
        let cumulative = self.buckets.each_ref().map(|bucket| {
            total += bucket.load(Ordering::Relaxed);
            total
        });
        Snapshot { cumulative, microseconds: self.microseconds.load(Ordering::Relaxed) }
    }
}

/// How often a cache had what was asked for.
#[derive(Debug, Default)]
pub struct CacheUse {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl CacheUse {
    /// Counts one lookup, and returns its result.
    pub fn count<T>(&self, found: Option<T>) -> Option<T> {
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// The hits and the misses so far.
    #[must_use]
    pub fn hits_and_misses(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_count_up_to_and_including_their_bound() {
        let histogram = Histogram::default();
        for microseconds in [0, 100, 101, 10_000_000, 10_000_001] {
            histogram.record(Duration::from_micros(microseconds));
        }
        let Snapshot { cumulative, microseconds } = histogram.snapshot();
        assert_eq!((cumulative[0], cumulative[1], cumulative[15], cumulative[16]), (2, 3, 4, 5));
        assert_eq!(microseconds, 20_000_202);
    }

    #[test]
    fn lookups_are_hits_or_misses() {
        let uses = CacheUse::default();
        assert_eq!((uses.count(Some(1)), uses.count(Some(2)), uses.count(None::<u8>)), (Some(1), Some(2), None));
        assert_eq!(uses.hits_and_misses(), (2, 1));
    }
}
