//! Answers: their maximum size, and clients that do not read them.

use std::time::Duration;

use async_graphql::{EmptySubscription, Object, Schema};
use fieldguard::{config::Config, guarded};
use tokio::time::timeout;

use super::raw::{Raw, post};
use crate::app::Server;

/// More than the system's buffers take from a server whose client does not read.
const LARGE: i32 = 24 * 1_048_576;

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    /// A text of the length.
    async fn text(&self, length: i32) -> String {
        "a".repeat(usize::try_from(length).unwrap_or_default())
    }
}

struct Mutation;

#[guarded(public)]
#[Object]
impl Mutation {
    /// A text of the length, as the result of a mutation.
    async fn text(&self, length: i32) -> Option<String> {
        Some("a".repeat(usize::try_from(length).unwrap_or_default()))
    }
}

async fn server(change: impl FnOnce(&mut Config)) -> Server {
    let schema = || Schema::build(Query, Mutation, EmptySubscription);
    Server::serving(change, |app| app.router(schema()).unwrap()).await
}

#[tokio::test]
async fn oversized_answer_is_rejected_except_for_mutations() {
    let server = server(|config| config.limits.documents.answer_bytes = 100_000).await;
    let anonymous = server.anonymous();
    anonymous.gql("{ text(length: 90000) }").await.ok();
    let answer = anonymous.gql("{ text(length: 100000) }").await;
    assert_eq!((answer.status.as_u16(), answer.codes()), (200, vec!["QUERY_TOO_COMPLEX"]));
    assert_eq!(answer.at("/errors/0/extensions/limit"), "answerBytes");
    assert_eq!(answer.at("/errors/0/extensions/maximum"), 100_000);
    assert!(answer.json.get("data").is_none() && answer.text.len() < 500, "{}", answer.text.len());
    anonymous.gql("mutation { text(length: 200000) }").await.ok();
}

#[tokio::test]
async fn unread_answers_are_limited_in_total() {
    let server = server(|config| {
        config.limits.documents.answer_bytes = 64 * 1_048_576;
        config.limits.pending_answer_bytes = 32 * 1_048_576;
    })
    .await;
    let large = format!("{{ text(length: {LARGE}) }}");
    let mut idle = Raw::connect(&server).await;
    idle.send(post(&large)).await;
    // The first bytes have arrived, so the answer is being sent.
    idle.0.readable().await.unwrap();
    let answer = server.anonymous().gql(&large).await;
    assert_eq!((answer.status.as_u16(), answer.codes()), (503, vec!["SERVICE_UNAVAILABLE"]));
    assert_eq!(answer.headers["retry-after"], "1");
    server.anonymous().gql("{ text(length: 1000) }").await.ok();
    drop(idle);
    let freed = async { while server.anonymous().gql(&large).await.status != 200 {} };
    timeout(Duration::from_mins(1), freed).await.unwrap();
}
