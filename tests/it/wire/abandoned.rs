//! Clients that hang up before they have their answer: what they asked for is done all the same, and takes a place until then.

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
    /// Waits until the test goes on, and then says that it is done.
    #[public]
    async fn wait(&self) -> bool {
        REACHED.add_permits(1);
        let opened = GATE.acquire().await.is_ok();
        DONE.add_permits(1);
        opened
    }
}

#[on_each_database]
async fn a_mutation_is_done_when_its_client_hangs_up_at_once() {
    each(async |server| {
        let ada = server.admin().await;
        for number in 0..10 {
            let name = format!("gone{number}");
            let input = format!("{{ username: {name:?}, password: {PASSWORD:?} }}");
            let mut raw = Raw::connect(server).await;
            raw.send(post(&format!("mutation {{ register(input: {input}) {{ user {{ id }} }} }}"))).await;
            drop(raw);
            let question = format!("{{ users(filter: {{ usernamePrefix: {name:?} }}) {{ totalCount }} }}");
            let exists = async { while ada.gql(&question).await.ok().at("/data/users/totalCount") != 1 {} };
            timeout(BOUND, exists).await.expect("the account is made");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_closes_its_side_after_the_request_gets_its_answer() {
    let server = Server::start().await;
    let ada = server.admin().await;
    for (asked, expected) in [
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
        raw.send(asked).await;
        raw.0.shutdown().await.unwrap();
        let answer = raw.closed().await;
        assert!(answer.contains(expected), "{answer}");
    }
    let question = "{ users(filter: { usernamePrefix: \"half-closed\" }) { totalCount } }";
    assert_eq!(ada.gql(question).await.ok().at("/data/users/totalCount"), 1);
    // All connections have ended.
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_never_comes_whole_is_not_executed() {
    let server = Server::start().await;
    let ada = server.admin().await;
    let input = format!("{{ username: \"half\", password: {PASSWORD:?} }}");
    let whole = post(&format!("mutation {{ register(input: {input}) {{ user {{ id }} }} }}"));
    for sent in 1..40 {
        let mut raw = Raw::connect(&server).await;
        raw.send(&whole[..whole.len() - sent]).await;
    }
    let question = "{ users(filter: { usernamePrefix: \"half\" }) { totalCount } }";
    assert_eq!(ada.gql(question).await.ok().at("/data/users/totalCount"), 0);
    // All of them have ended.
    server.stop().await;
}

#[tokio::test]
async fn a_request_without_a_client_keeps_its_place_and_the_end_of_the_server_waits_for_it() {
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
    timeout(BOUND, DONE.acquire()).await.expect("the request goes on").unwrap().forget();
    stopping.await.unwrap();
}
