//! Concurrent role mutations: they create no inclusion cycle and can't bypass protection.

use std::time::Duration;

use fieldguard::{domain::role::RoleName, store};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{holder, made, update};
use crate::{
    actor::Actor,
    admin::set_roles,
    app::{Server, each},
};

#[on_each_database]
async fn concurrent_updates_that_form_a_cycle_are_rejected_once() {
    each(async |server| {
        let ada = server.admin().await;
        let names = ["a", "b", "c"];
        let mut ids = Vec::new();
        for name in names {
            ids.push(made(&ada, json!({ "name": name })).await);
        }
        for round in 0..20 {
            let size = 2 + round % 2;
            let link = |n: usize| update(&ada, &ids[n], json!({ "includes": [names[(n + 1) % size]] }));
            let answers = join_all((0..size).map(link)).await;
            let refused: Vec<_> = answers.iter().filter(|answer| !answer.codes().is_empty()).collect();
            assert_eq!(refused.len(), 1, "round {round}: {answers:#?}");
            assert_eq!(refused[0].codes(), ["BAD_USER_INPUT"]);
            for id in &ids {
                update(&ada, id, json!({ "includes": [] })).await.ok();
            }
        }
    })
    .await;
}

#[on_each_database]
async fn concurrent_creations_of_one_role_name_succeed_once() {
    each(async |server| {
        let ada = server.admin().await;
        for round in 0..10 {
            let input = json!({ "name": format!("desk-{round}") });
            let answers = join_all((0..4).map(|_| super::create(&ada, input.clone()))).await;
            let mut codes: Vec<_> = answers.iter().flat_map(|answer| answer.codes()).collect();
            codes.dedup();
            assert_eq!(answers.iter().filter(|answer| answer.codes().is_empty()).count(), 1, "{answers:#?}");
            assert_eq!(codes, ["CONFLICT"]);
        }
    })
    .await;
}

/// The operations that sam can run on bob.
const OPERATIONS: [&str; 5] = [
    "mutation ($id: ID!, $session: ID!) { it: disableUser(input: { userId: $id }) { user { id } } revokeSession(input: { sessionId: $session }) @skip(if: true) { sessionsRevoked } }",
    "mutation ($id: ID!, $session: ID!) { it: enableUser(input: { userId: $id }) { user { id } } revokeSession(input: { sessionId: $session }) @skip(if: true) { sessionsRevoked } }",
    "mutation ($id: ID!, $session: ID!) { it: issuePasswordReset(input: { userId: $id }) { code } revokeSession(input: { sessionId: $session }) @skip(if: true) { sessionsRevoked } }",
    "mutation ($id: ID!, $session: ID!) { it: setUserRoles(input: { userId: $id, roles: [] }) { user { id } } revokeSession(input: { sessionId: $session }) @skip(if: true) { sessionsRevoked } }",
    "mutation ($id: ID!, $session: ID!) { it: revokeSession(input: { sessionId: $session }) { sessionsRevoked } user: disableUser(input: { userId: $id }) @skip(if: true) { user { id } } }",
];

async fn session(actor: &Actor) -> Value {
    let answer = actor.gql("{ me { sessions(first: 1) { edges { node { id } } } } }").await.ok();
    answer.at("/data/me/sessions/edges/0/node/id").clone()
}

/// A transaction that protects bob is not committed yet. An operation on bob waits for it and is then denied.
#[on_each_database]
async fn operation_waits_for_a_concurrent_change_of_protection() {
    each(async |server| {
        let ada = server.admin().await;
        let desk = ["users:read", "users:write", "sessions:revoke", "roles:assign"];
        made(&ada, json!({ "name": "desk", "permissions": desk })).await;
        made(&ada, json!({ "name": "safe", "permissions": ["audit:read"], "isProtected": true })).await;
        let (sam, bob) = (holder(server, &ada, "sam", &["desk"]).await, server.user("bob").await);
        for document in OPERATIONS {
            set_roles(&ada, &bob.id, &["user"]).await.ok();
            let variables = json!({ "id": bob.id, "session": session(&bob).await });
            protect_while(server, &bob, sam.gql_with(document, variables)).await;
            bob.gql("{ me { id } }").await.ok();
        }
    })
    .await;
}

async fn protect_while(server: &Server, bob: &Actor, operation: impl Future<Output = crate::actor::Answer>) {
    let store = &server.app.accounts().store;
    let tx = store.write().await.unwrap();
    store::administrators::lock(&tx).await.unwrap();
    let user = fieldguard::domain::id::UserId::parse(&bob.id).unwrap();
    let safe = RoleName::parse("safe").unwrap();
    store::roles::give(&tx, user, &safe).await.unwrap();
    tokio::pin!(operation);
    let early = tokio::time::timeout(Duration::from_millis(100), &mut operation).await;
    assert!(early.is_err(), "the operation does not wait: {early:?}");
    tx.commit().await.unwrap();
    assert_eq!(operation.await.codes(), ["FORBIDDEN"]);
}
