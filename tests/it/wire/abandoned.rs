//! Clients that disconnect before their answer: their operation still runs to its end, and uses a connection slot until
//! then.

use std::sync::{Arc, LazyLock};

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use fieldguard::guarded;
use fieldguard_test_macros::on_each_database;
use tokio::{io::AsyncWriteExt as _, sync::Semaphore, time::timeout};

use super::raw::{BOUND, Raw, post, request};
use crate::{
    actor::PASSWORD,
    app::{Server, each},
};

static GATE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(0)));
static REACHED: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(0)));
static DONE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(0)));

struct Query;

#[guarded]
#[Object]
impl Query {
    /// Waits until the test opens `GATE`, and then signals `DONE`.
    #[public]
    async fn wait(&self) -> bool {
        REACHED.add_permits(1);
        let opened = GATE.acquire().await.is_ok();
        DONE.add_permits(1);
        opened
    }
}

#[on_each_database]
async fn mutation_completes_when_its_client_disconnects() {
    each(async |server| {
        let ada = server.admin().await;
        for number in 0..10 {
            let name = format!("gone{number}");
            let input = format!("{{ username: {name:?}, password: {PASSWORD:?} }}");
            let mut raw = Raw::connect(server).await;
            raw.send(post(&format!("mutation {{ register(input: {input}) {{ user {{ id }} }} }}"))).await;
            drop(raw);
            let count = format!("{{ users(filter: {{ usernamePrefix: {name:?} }}) {{ totalCount }} }}");
            let exists = async { while ada.gql(&count).await.ok().at("/data/users/totalCount") != 1 {} };
            timeout(BOUND, exists).await.expect("the user is created");
        }
    })
    .await;
}

#[tokio::test]
async fn half_closed_client_gets_its_answer() {
    let server = Server::start().await;
    let ada = server.admin().await;
    for (request_bytes, expected) in [
        (
            post(&format!(
                "mutation {{ register(input: {{ username: \"half-closed\", password: {PASSWORD:?} }}) {{ user {{ username }} }} }}"
            )),
            "half-closed",
        ),
        (request("GET", "/graphql?query=%7B__typename%7D", ""), "Query"),
        (format!("{}{}", request("GET", "/nothing", ""), post("{ __typename }")), "Query"),
    ] {
        let mut raw = Raw::connect(&server).await;
        raw.send(request_bytes).await;
        raw.0.shutdown().await.unwrap();
        let answer = raw.closed().await;
        assert!(answer.contains(expected), "{answer}");
    }
    let count = "{ users(filter: { usernamePrefix: \"half-closed\" }) { totalCount } }";
    assert_eq!(ada.gql(count).await.ok().at("/data/users/totalCount"), 1);
    // All connections are closed.
    server.stop().await;
}

#[tokio::test]
async fn incomplete_body_is_not_executed() {
    let server = Server::start().await;
    let ada = server.admin().await;
    let input = format!("{{ username: \"half\", password: {PASSWORD:?} }}");
    let whole = post(&format!("mutation {{ register(input: {input}) {{ user {{ id }} }} }}"));
    for sent in 1..40 {
        let mut raw = Raw::connect(&server).await;
        raw.send(&whole[..whole.len() - sent]).await;
    }
    let count = "{ users(filter: { usernamePrefix: \"half\" }) { totalCount } }";
    assert_eq!(ada.gql(count).await.ok().at("/data/users/totalCount"), 0);
    // All connections are closed.
    server.stop().await;
}

#[tokio::test]
async fn abandoned_request_uses_its_slot_and_delays_the_shutdown() {
    let schema = || Schema::build(Query, EmptyMutation, EmptySubscription);
    let change = |config: &mut fieldguard::config::Config| config.limits.connections = 1;
    let server = Server::serving(change, |app| app.router(schema()).unwrap()).await;
    let mut raw = Raw::connect(&server).await;
    raw.send(post("{ wait }")).await;
    REACHED.acquire().await.unwrap().forget();
    drop(raw);
    for _ in 0..3 {
        assert_eq!(Raw::ask(&server, post("{ __typename }")).await.status, 503);
    }
    let stopping = tokio::spawn(server.stop());
    tokio::task::yield_now().await;
    assert!(!stopping.is_finished());
    GATE.add_permits(1);
    timeout(BOUND, DONE.acquire()).await.expect("the request continues").unwrap().forget();
    stopping.await.unwrap();
}
