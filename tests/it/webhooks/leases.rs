//! Claims of events: one process at a time, for a limited time.

use chrono::TimeDelta;
use fieldguard::domain::webhook_event::{DeliveryFailure, Outcome, WebhookState};
use fieldguard_test_macros::on_each_database;

use super::{deliver, each, stored};

const ACCEPTED: Outcome = Outcome::Answered { status: 204, retry_after: None };

#[on_each_database]
async fn a_claim_ends_after_its_lease() {
    each(async |server, receiver| {
        let (accounts, bob) = (server.app.accounts(), server.user("bob").await);
        let first = accounts.claim_webhook_events(9).await.unwrap();
        assert_eq!(first.len(), 1, "the second event of the user waits");
        accounts.clock.advance(TimeDelta::seconds(24));
        assert!(accounts.claim_webhook_events(9).await.unwrap().is_empty());
        accounts.clock.advance(TimeDelta::seconds(1));
        let second = accounts.claim_webhook_events(9).await.unwrap();
        assert_eq!((second[0].id, second[0].attempts), (first[0].id, 2));
        // What the first attempt says no longer counts.
        accounts.settle_webhook_event(&first[0], Outcome::Failed(DeliveryFailure::Timeout)).await.unwrap();
        accounts.settle_webhook_event(&first[0], ACCEPTED).await.unwrap();
        assert_eq!(stored(accounts, Some(WebhookState::Delivered)).await.len(), 0);
        accounts.settle_webhook_event(&second[0], ACCEPTED).await.unwrap();
        assert_eq!(stored(accounts, Some(WebhookState::Delivered)).await.len(), 1);
        accounts.settle_webhook_event(&second[0], Outcome::Failed(DeliveryFailure::Timeout)).await.unwrap();
        assert_eq!(stored(accounts, Some(WebhookState::Delivered)).await.len(), 1);
        deliver(server).await;
        assert_eq!(receiver.kinds(&bob.id), ["user.signed_in"]);
    })
    .await;
}

#[on_each_database]
async fn concurrent_claims_get_different_events() {
    each(async |server, _| {
        for n in 0..12 {
            server.user(&format!("user{n}")).await;
        }
        let claims = (0..6).map(|_| server.app.accounts().claim_webhook_events(4));
        let claimed = futures_util::future::join_all(claims).await;
        let mut ids: Vec<_> = claimed.into_iter().flat_map(Result::unwrap).map(|claimed| claimed.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), count), (12, 12), "each user's first event, once");
    })
    .await;
}
