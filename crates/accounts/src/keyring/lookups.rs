//! Looks for the keys of tokens that name an unknown one, for all of them together.
//!
//! Anybody can send tokens with invented names of keys, so the database is asked a few times a second at the most, however
//! many come. No token is refused for that: a token waits until a lookup that began after it came has ended, and shares
//! it with all others that came meanwhile.

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

/// How much time passes between the beginnings of two lookups.
const EVERY: Duration = Duration::from_millis(100);
/// How long a token waits, its turn and the database included.
const DEADLINE: Duration = Duration::from_secs(4);

/// Why it is not known whether there is such a key; shared by all that waited for it.
type Failure = Arc<store::Error>;

/// The lookups of this process.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// How many have begun.
    begun: AtomicU64,
    turn: Mutex<Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    /// The number of the last lookup that ended, and how.
    ended: u64,
    failure: Option<Failure>,
    began_at: Option<Instant>,
}

impl Lookups {
    /// Returns once a lookup has ended that began after this call. `look` makes one where no other caller does.
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
        let mut turn = self.turn.lock().await;
        if turn.ended <= arrived {
            if let Some(at) = turn.began_at {
                sleep_until(at + EVERY).await;
            }
            let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
            turn.began_at = Some(Instant::now());
            turn.failure = look.await.err().map(Arc::new);
            turn.ended = number;
        }
        turn.failure.clone().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::Notify;

    use super::*;

    /// Counts itself and finds nothing.
    #[expect(clippy::unused_async, reason = "it counts when it is polled, as a lookup begins then")]
    async fn count(looked: &AtomicUsize) -> Result<(), store::Error> {
        looked.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    #[tokio::test]
    async fn tokens_that_come_together_share_a_lookup() {
        let (lookups, looked) = (Lookups::default(), AtomicUsize::new(0));
        let began = Instant::now();
        for answer in join_all((0..1_000).map(|_| lookups.share(count(&looked)))).await {
            answer.unwrap();
        }
        assert_eq!(
            looked.load(Ordering::Acquire),
            2,
            "one for the first, and one for all that came after it had begun"
        );
        lookups.share(count(&looked)).await.unwrap();
        assert_eq!(looked.load(Ordering::Acquire), 3);
        assert!(began.elapsed() >= EVERY, "the next lookup begins later");
    }

    #[tokio::test]
    async fn a_lookup_that_began_before_the_token_came_does_not_count() {
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
        assert_eq!(looked.load(Ordering::Acquire), 1, "the second looked for itself");
    }

    #[tokio::test]
    async fn a_failure_is_shared_by_those_who_waited_for_it_and_forgotten() {
        let lookups = Lookups::default();
        let fail = || lookups.share(async { Err(store::Error::deadline_passed(DEADLINE)) });
        assert!(join_all((0..10).map(|_| fail())).await.iter().all(Result::is_err));
        lookups.share(async { Ok(()) }).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_that_hangs_holds_up_a_token_until_its_deadline_only() {
        let lookups = Lookups::default();
        let hang = || lookups.within(Duration::from_millis(1), std::future::pending());
        assert!(join_all((0..10).map(|_| hang())).await.iter().all(Result::is_err));
        lookups.share(async { Ok(()) }).await.unwrap();
    }

    #[tokio::test]
    async fn clients_that_hang_up_do_not_make_lookups_come_faster() {
        let (lookups, looked) = (Lookups::default(), AtomicUsize::new(0));
        let began = Instant::now();
        for _ in 0..100 {
            let ask = lookups.share(async {
                looked.fetch_add(1, Ordering::AcqRel);
                std::future::pending().await
            });
            assert!(ask.now_or_never().is_none());
        }
        let possible = began.elapsed().as_millis() / EVERY.as_millis() + 1;
        assert!(looked.load(Ordering::Acquire) as u128 <= possible);
    }
}
