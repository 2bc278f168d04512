//! A panic in a resolver, and clients for whom there is no room while the server works.

use std::sync::{Arc, LazyLock};

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use fieldguard::guarded;
use tokio::sync::Semaphore;

use super::raw::{BOUND, Raw, post};
use crate::app::Server;

static GATE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(0)));
static REACHED: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(0)));

struct Query;

#[guarded]
#[Object]
impl Query {
    /// Panics.
    #[public]
    async fn boom(&self) -> bool {
        let cause = std::hint::black_box(true);
        assert!(!cause, "a secret of the server");
        cause
    }

    /// Waits until the test goes on.
    #[public]
    async fn wait(&self) -> bool {
        REACHED.add_permits(1);
        GATE.acquire().await.is_ok()
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_connection_lives() {
    let schema = || Schema::build(Query, EmptyMutation, EmptySubscription);
    let server = Server::serving(|_| {}, |app| app.router(schema()).unwrap()).await;
    let mut raw = Raw::connect(&server).await;
    for _ in 0..2 {
        raw.send(post("{ boom }")).await;
        let reply = raw.reply().await.unwrap();
        assert_eq!((reply.status, reply.code().as_str()), (500, "INTERNAL_SERVER_ERROR"));
        assert!(
            reply.body.contains(reply.header("x-request-id").unwrap()) && !reply.body.contains("secret"),
            "{reply:?}"
        );
        raw.send(post("{ __typename }")).await;
        assert_eq!(raw.reply().await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn where_every_connection_is_served_the_next_hears_503_and_nothing_that_runs_is_lost() {
    let schema = || Schema::build(Query, EmptyMutation, EmptySubscription);
    let change = |config: &mut fieldguard::config::Config| config.limits.connections = 1;
    let server = Server::serving(change, |app| app.router(schema()).unwrap()).await;
    let mut working = Raw::connect(&server).await;
    working.send(post("{ wait }")).await;
    let _ = REACHED.acquire().await.unwrap();

    let reply = Raw::ask(&server, post("{ __typename }")).await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert!(reply.body.contains(r#""retryAfter":1"#), "{reply:?}");
    assert_eq!((reply.header("retry-after"), reply.header("connection")), (Some("1"), Some("close")));

    GATE.add_permits(1);
    assert_eq!(working.reply().await.unwrap().body, r#"{"data":{"wait":true}}"#);
    // The place is free a moment after the answer has left.
    let again = async {
        while Raw::ask(&server, post("{ __typename }")).await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, again).await.expect("the next is served");
}
