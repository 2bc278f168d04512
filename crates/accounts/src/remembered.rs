//! Counts that take a large database long, remembered for a few seconds. A small count costs little and is always exact.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::error::Error;

/// How long a large count is remembered.
const KEPT_FOR: Duration = Duration::from_secs(10);
/// Smaller counts are not remembered. The databases count as many rows in about a millisecond.
const LARGE: u64 = 10_000;

/// The last large count, with the time when it began.
pub(super) struct Remembered<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Copy> Remembered<T> {
    /// The count as remembered at `now`, or the result of `count`, which is remembered from then on. `size` is the number of rows that were counted.
    pub(super) async fn get(
        &self,
        now: Instant,
        size: impl Fn(T) -> u64,
        count: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = known.filter(|(at, _)| now - *at < KEPT_FOR) {
            return Ok(known);
        }
        let counted = count.await?;
        if size(counted) >= LARGE {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, counted));
        }
        Ok(counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(remembered: &Remembered<u64>, now: Instant, count: u64) -> u64 {
        remembered.get(now, |count| count, async { Ok(count) }).await.unwrap()
    }

    #[tokio::test]
    async fn a_large_count_is_remembered_for_seconds() {
        let (remembered, start) = (Remembered::default(), Instant::now());
        assert_eq!(get(&remembered, start, LARGE).await, LARGE);
        assert_eq!(get(&remembered, start + KEPT_FOR - Duration::from_millis(1), LARGE + 1).await, LARGE);
        assert_eq!(get(&remembered, start + KEPT_FOR, LARGE + 2).await, LARGE + 2);
    }

    #[tokio::test]
    async fn a_small_count_is_always_exact() {
        let (remembered, start) = (Remembered::default(), Instant::now());
        assert_eq!(get(&remembered, start, LARGE - 1).await, LARGE - 1);
        assert_eq!(get(&remembered, start, 7).await, 7);
    }
}
