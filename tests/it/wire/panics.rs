//! Panics in resolvers, and the connection limit while requests run.

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

    /// Waits until the test opens `GATE`.
    #[public]
    async fn wait(&self) -> bool {
        REACHED.add_permits(1);
        GATE.acquire().await.is_ok()
    }
}

#[tokio::test]
async fn panic_is_an_internal_error_and_keeps_the_connection_open() {
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
async fn connection_over_the_limit_gets_503_while_running_requests_complete() {
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
    // The slot is free shortly after the answer is sent.
    let again = async {
        while Raw::ask(&server, post("{ __typename }")).await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, again).await.expect("the next request is answered");
}
