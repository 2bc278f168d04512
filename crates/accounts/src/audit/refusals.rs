//! How many refusals get a row each. Anybody can be refused as often as he likes, at no cost, and every row is kept for
//! months: without a bound a script fills the disk and buries what happened. So many an hour from one place or account have
//! a row each; the last of them says that it is, and those after it leave none.
//!
//! It is decided in this process alone: several replicas let as many times more through.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// From one address, or of one account, in an hour.
const OF_ONE: u32 = 100;
/// Of all together in an hour. It also bounds what is remembered.
const OF_ALL: u32 = 10_000;

/// Refusals counted in this hour.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    since: DateTime<Utc>,
    all: u32,
    by_whom: HashMap<String, u32>,
}

/// What a refusal gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// A row.
    Row,
    /// A row that says that it is the last one of this hour.
    LastRow,
    /// None.
    Nothing,
}

impl Refusals {
    /// Counts one refusal of `whom`.
    pub(super) fn count(&self, whom: &str, now: DateTime<Utc>) -> Share {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now - inner.since >= TimeDelta::hours(1) || now < inner.since {
            *inner = Inner { since: now, ..Inner::default() };
        }
        if inner.all >= OF_ALL {
            return Share::Nothing;
        }
        let mine = inner.by_whom.entry(whom.to_owned()).or_default();
        if *mine >= OF_ONE {
            return Share::Nothing;
        }
        *mine += 1;
        let is_last = *mine == OF_ONE;
        inner.all += 1;
        if is_last || inner.all == OF_ALL { Share::LastRow } else { Share::Row }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_gets_so_many_rows_an_hour_and_others_go_on() {
        let (refusals, now) = (Refusals::default(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let shares: Vec<_> = (0..OF_ONE + 5).map(|_| refusals.count("a", now)).collect();
        let of = |share| shares.iter().filter(|it| **it == share).count();
        assert_eq!((of(Share::Row), of(Share::LastRow), of(Share::Nothing)), (99, 1, 5));
        assert_eq!(refusals.count("b", now), Share::Row);
        assert_eq!(refusals.count("a", now + TimeDelta::hours(1)), Share::Row);
    }

    #[test]
    fn all_together_get_so_many() {
        let (refusals, now) = (Refusals::default(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let rows = (0..OF_ALL + 100).filter(|it| refusals.count(&it.to_string(), now) != Share::Nothing).count();
        assert_eq!(rows, OF_ALL as usize);
    }
}
