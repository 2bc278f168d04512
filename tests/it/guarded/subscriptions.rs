//! Subscriptions: the rule is checked before the stream starts, and the fields of events are guarded.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{EmptyMutation, MergedSubscription, Object, Response, Schema, Subscription};
use fieldguard::{domain::principal::Principal, guard, guarded};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use super::{BOOKS_READ, principal_with, reader, request};

struct Query;
struct Event(i32);

#[guarded(public)]
#[Object]
impl Query {
    async fn open(&self) -> i32 {
        1
    }
}

#[guarded(public)]
#[Object]
impl Event {
    async fn id(&self) -> i32 {
        self.0
    }

    #[requires(permission = BOOKS_READ)]
    async fn price(&self) -> Option<i32> {
        Some(self.0)
    }
}

#[derive(MergedSubscription, Default)]
struct Root(Events);

#[derive(Default)]
struct Events {
    begun: &'static Counter,
}

struct Counter(AtomicUsize);

impl Default for &'static Counter {
    fn default() -> Self {
        Box::leak(Box::new(Counter(AtomicUsize::new(0))))
    }
}

#[guarded]
#[Subscription]
impl Events {
    #[public]
    async fn open(&self) -> impl Stream<Item = i32> {
        stream::iter([1, 2])
    }

    #[requires(signed_in)]
    async fn closed(&self, #[graphql(default = 2)] count: i32) -> impl Stream<Item = Event> {
        self.begun.0.fetch_add(1, Ordering::Relaxed);
        stream::iter((0..count).map(Event))
    }

    #[requires(signed_in)]
    async fn fallible(&self, fail: bool) -> async_graphql::Result<impl Stream<Item = i32>> {
        if fail {
            return Err("failed".into());
        }
        let first: i32 = "4".parse()?;
        Ok(stream::iter([first]))
    }
}

async fn events(root: Root, document: &str, caller: Option<&Principal>) -> Vec<Value> {
    let schema = Schema::new(Query, EmptyMutation, root);
    let value = |mut response: Response| {
        guard::restore_paths(&mut response.errors);
        serde_json::to_value(response).unwrap()
    };
    schema.execute_stream(request(document, caller)).map(value).collect().await
}

#[tokio::test]
async fn denied_subscription_never_starts() {
    let root = Root::default();
    let begun = root.0.begun;
    let all = events(root, "subscription { mine: closed { id } }", None).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["data"], json!(null));
    assert_eq!(all[0]["errors"][0]["path"], json!(["mine"]));
    assert_eq!(
        all[0]["errors"][0]["extensions"],
        json!({"code": "UNAUTHENTICATED", "coordinate": "Root.closed", "reason": "NOT_SIGNED_IN", "requires": {"signedIn": true}})
    );
    assert_eq!(begun.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn fields_of_events_are_guarded() {
    let all = events(Root::default(), "subscription { closed { id price } }", Some(&reader())).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[1]["data"], json!({"closed": {"id": 1, "price": null}}));
    assert_eq!(all[1]["errors"][0]["path"], json!(["closed", "price"]));
    assert_eq!(all[1]["errors"][0]["extensions"]["coordinate"], "Event.price");
    let caller = principal_with(&["user"], &[BOOKS_READ]);
    let all = events(Root::default(), "subscription { closed(count: 1) { price } }", Some(&caller)).await;
    assert_eq!(all, [json!({"data": {"closed": {"price": 0}}})]);
}

#[tokio::test]
async fn public_and_fallible_subscriptions_work() {
    let all = events(Root::default(), "subscription { open }", None).await;
    assert_eq!(all, [json!({"data": {"open": 1}}), json!({"data": {"open": 2}})]);
    let all = events(Root::default(), "subscription { fallible(fail: false) }", Some(&reader())).await;
    assert_eq!(all, [json!({"data": {"fallible": 4}})]);
    let all = events(Root::default(), "subscription { fallible(fail: true) }", Some(&reader())).await;
    assert_eq!(all[0]["errors"][0]["message"], "failed");
}
