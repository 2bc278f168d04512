//! Operations that exceed the execution time: the error depends on whether they waited or computed.

use std::{
    future::{pending, poll_fn},
    task::Poll,
    time::{Duration, Instant},
};

use async_graphql::{EmptySubscription, Object, Request, Schema, Value};
use fieldguard::{
    api::{
        CONVENTIONS,
        execute::{Executor, RequestContext},
        sessions::refresh_cookie::Presented,
    },
    domain::session::Client,
    guard::{
        caller::Caller,
        execute::{Answer, Outcome},
        on_denied::OnDenied,
        registry,
        settings::{Limits, Settings},
    },
    guarded,
};

use crate::app::Server;

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    /// Waits forever, as for a database that does not answer.
    async fn wait(&self) -> Option<bool> {
        pending().await
    }

    /// Computes forever.
    async fn compute(&self) -> Option<bool> {
        poll_fn(|context| {
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(1) {
                std::hint::spin_loop();
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

struct Mutation;

#[guarded(public)]
#[Object]
impl Mutation {
    async fn change(&self) -> Option<bool> {
        Some(true)
    }

    async fn wait(&self) -> Option<bool> {
        pending().await
    }
}

async fn run(server: &Server, document: &str) -> Answer {
    let schema = registry::complete(Schema::build(Query, Mutation, EmptySubscription), &CONVENTIONS);
    let settings = Settings {
        limits: Limits { execution: Duration::from_millis(50), ..Limits::default() },
        ..Settings::default()
    };
    let executor = Executor::new(schema, settings, server.app.accounts().clone());
    let context = RequestContext {
        caller: Caller::default(),
        client: Client::default(),
        refresh_cookie: Presented::default(),
        request_id: "1".to_owned(),
        queries_only: false,
        on_denied: OnDenied::Null,
    };
    executor.execute(Request::new(document), context).await.answer
}

/// The extension of the only error.
fn extension<'a>(answer: &'a Answer, name: &str) -> Option<&'a Value> {
    assert_eq!((answer.response.errors.len(), &answer.response.data), (1, &Value::Null));
    answer.response.errors[0].extensions.as_ref()?.get(name)
}

#[tokio::test]
async fn waiting_query_times_out_with_service_unavailable() {
    let answer = run(&Server::start().await, "{ wait }").await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
    assert_eq!(extension(&answer, "code"), Some(&Value::from("SERVICE_UNAVAILABLE")));
    assert_eq!((extension(&answer, "retryAfter"), extension(&answer, "outcome")), (Some(&Value::from(1)), None));
}

#[tokio::test]
async fn computing_query_times_out_as_too_complex() {
    let answer = run(&Server::start().await, "{ compute }").await;
    assert_eq!(answer.outcome, Outcome::Refused);
    assert_eq!(extension(&answer, "code"), Some(&Value::from("QUERY_TOO_COMPLEX")));
    assert_eq!(extension(&answer, "limit"), Some(&Value::from("executionSeconds")));
}

#[tokio::test]
async fn waiting_mutation_times_out_with_unknown_outcome() {
    let answer = run(&Server::start().await, "mutation { change wait }").await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
    assert_eq!(extension(&answer, "code"), Some(&Value::from("SERVICE_UNAVAILABLE")));
    assert_eq!(extension(&answer, "outcome"), Some(&Value::from("UNKNOWN")));
    assert_eq!(answer.response.errors[0].message, "The change may have been made. Read before you retry.");
}
