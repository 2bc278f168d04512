//! Looks up the keys of tokens that name an unknown key, many tokens per lookup.
//!
//! Any client can send tokens with invented key ids, so the database is queried a few times per second at most. No
//! token is refused for that: a token waits for a lookup that starts after the token arrived, and shares it with all
//! other tokens that arrived meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until, timeout},
};

use fieldguard_store as store;

/// The minimum time between the starts of two lookups.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long a token waits in total, including the wait for the lock and the database.
const DEADLINE: Duration = Duration::from_secs(4);

/// Why a lookup failed. Shared by all tokens that waited for it.
type Failure = Arc<store::Error>;

/// The lookups of this process.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// The number of lookups started.
    begun: AtomicU64,
    state: Mutex<LookupState>,
}

#[derive(Debug, Default)]
struct LookupState {
    /// The number of the last finished lookup, and its failure.
    ended: u64,
    failure: Option<Failure>,
    began_at: Option<Instant>,
}

impl Lookups {
    /// Returns once a lookup that started after this call has finished. Runs `look` if no other caller does.
    pub(super) async fn share(&self, look: impl Future<Output = Result<(), store::Error>>) -> Result<(), Failure> {
        self.within(DEADLINE, look).await
    }

    async fn within(
        &self,
        deadline: Duration,
        look: impl Future<Output = Result<(), store::Error>>,
    ) -> Result<(), Failure> {
        let answered = timeout(deadline, self.wait(look)).await;
        answered.unwrap_or_else(|_| Err(Arc::new(store::Error::deadline_passed(DEADLINE))))
    }

    async fn wait(&self, look: impl Future<Output = Result<(), store::Error>>) -> Result<(), Failure> {
        let arrived = self.begun.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if state.ended <= arrived {
            if let Some(at) = state.began_at {
                sleep_until(at + INTERVAL).await;
            }
            let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
            state.began_at = Some(Instant::now());
            state.failure = look.await.err().map(Arc::new);
            state.ended = number;
        }
        state.failure.clone().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::Notify;

    use super::*;

    /// Counts the lookup and finds nothing.
    #[expect(clippy::unused_async, reason = "the count must happen when the future is polled, like a lookup")]
    async fn count(looked: &AtomicUsize) -> Result<(), store::Error> {
        looked.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    #[tokio::test]
    async fn concurrent_tokens_share_a_lookup() {
        let (lookups, looked) = (Lookups::default(), AtomicUsize::new(0));
        let began = Instant::now();
        for answer in join_all((0..1_000).map(|_| lookups.share(count(&looked)))).await {
            answer.unwrap();
        }
        assert_eq!(
            looked.load(Ordering::Acquire),
            2,
            "one for the first token, and one for all that arrived after it started"
        );
        lookups.share(count(&looked)).await.unwrap();
        assert_eq!(looked.load(Ordering::Acquire), 3);
        assert!(began.elapsed() >= INTERVAL, "the next lookup must wait");
    }

    #[tokio::test]
    async fn a_token_does_not_share_a_lookup_that_started_before_it_arrived() {
        let (lookups, looked) = (Lookups::default(), AtomicUsize::new(0));
        let (has_begun, may_end) = (Notify::new(), Notify::new());
        let first = lookups.share(async {
            has_begun.notify_one();
            may_end.notified().await;
            Ok(())
        });
        let second = async {
            has_begun.notified().await;
            let ask = lookups.share(count(&looked));
            tokio::join!(ask, async { may_end.notify_one() }).0
        };
        let (first, second) = tokio::join!(first, second);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(looked.load(Ordering::Acquire), 1, "the second token must start its own lookup");
    }

    #[tokio::test]
    async fn waiting_tokens_share_a_failure_and_later_ones_do_not() {
        let lookups = Lookups::default();
        let fail = || lookups.share(async { Err(store::Error::deadline_passed(DEADLINE)) });
        assert!(join_all((0..10).map(|_| fail())).await.iter().all(Result::is_err));
        lookups.share(async { Ok(()) }).await.unwrap();
    }

    #[tokio::test]
    async fn a_token_waits_for_a_hanging_database_until_its_deadline() {
        let lookups = Lookups::default();
        let hang = || lookups.within(Duration::from_millis(1), std::future::pending());
        assert!(join_all((0..10).map(|_| hang())).await.iter().all(Result::is_err));
        lookups.share(async { Ok(()) }).await.unwrap();
    }

    #[tokio::test]
    async fn canceled_requests_do_not_speed_up_lookups() {
        let (lookups, looked) = (Lookups::default(), AtomicUsize::new(0));
        let began = Instant::now();
        for _ in 0..100 {
            let ask = lookups.share(async {
                looked.fetch_add(1, Ordering::AcqRel);
                std::future::pending().await
            });
            assert!(ask.now_or_never().is_none());
        }
        let possible = began.elapsed().as_millis() / INTERVAL.as_millis() + 1;
        assert!(looked.load(Ordering::Acquire) as u128 <= possible);
    }
}
