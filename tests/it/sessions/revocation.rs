//! Linearizability of permission changes: a request that starts after the answer to a change sees the change. Clients
//! send requests in a loop while roles are changed repeatedly. Shared counters order their observations.

use std::sync::atomic::{AtomicU64, Ordering};

use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::json;

use crate::{actor::Actor, app::each};

const CLIENTS: usize = 8;
const CHANGES: u64 = 12;

/// The minimum number of requests per client while one state holds.
const MIN_REQUESTS: u64 = 3;

async fn can_read_permissions(actor: &Actor) -> bool {
    let answer = actor.gql("{ permissions { name } }").await;
    let granted = answer.at("/data/permissions").is_array();
    assert!(granted || answer.codes() == ["FORBIDDEN"], "{answer:#?}");
    granted
}

async fn set_roles(admin: &Actor, id: &str, roles: &[&str]) {
    let document =
        "mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { effectiveAt sessionsAffected } }";
    let answer = admin.gql_with(document, json!({ "input": { "userId": id, "roles": roles } })).await.ok();
    assert_eq!(answer.at("/data/setUserRoles/sessionsAffected"), 1);
}

/// The numbers of the change that was started last (odd: grants the role, even: revokes it) and of the last one
/// answered, and the number of requests.
#[derive(Default)]
struct History {
    started: AtomicU64,
    done: AtomicU64,
    requests: AtomicU64,
}

/// Sends requests until all changes are done. Each answer must match a state that held during the request.
async fn observe(actor: &Actor, history: &History) {
    while history.done.load(Ordering::SeqCst) < CHANGES {
        let before = history.done.load(Ordering::SeqCst);
        let granted = can_read_permissions(actor).await;
        let after = history.started.load(Ordering::SeqCst);
        let possible = (before..=after).any(|change| (change % 2 == 1) == granted);
        assert!(possible, "observed {granted} between changes {before} and {after}");
        history.requests.fetch_add(1, Ordering::SeqCst);
    }
}

async fn change(admin: &Actor, bob: &Actor, history: &History) {
    for number in 1..=CHANGES {
        let requests = history.requests.load(Ordering::SeqCst);
        while history.requests.load(Ordering::SeqCst) < requests + MIN_REQUESTS * CLIENTS as u64 {
            tokio::task::yield_now().await;
        }
        history.started.store(number, Ordering::SeqCst);
        set_roles(admin, &bob.id, if number % 2 == 1 { &["user", "admin"] } else { &["user"] }).await;
        history.done.store(number, Ordering::SeqCst);
    }
}

#[on_each_database(flavor = "multi_thread")]
async fn requests_after_the_answer_to_a_role_change_see_it() {
    each(async |server| {
        let (admin, bob) = (server.admin().await, server.user("bob").await);
        let history = History::default();
        let observers = join_all((0..CLIENTS).map(|_| observe(&bob, &history)));
        tokio::join!(observers, change(&admin, &bob, &history));
    })
    .await;
}
