//! Revocation one can measure: a request that starts after a change was answered never sees what was before. Clients ask in
//! a loop while the change is made again and again; a counter that everybody shares orders what they saw.

use std::sync::atomic::{AtomicU64, Ordering};

use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::json;

use crate::{actor::Actor, app::each};

const CLIENTS: usize = 8;
const CHANGES: u64 = 12;

/// How often each client asks at the least while one state holds.
const ASKED: u64 = 3;

async fn may(actor: &Actor) -> bool {
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

/// The change that is being made (odd: grants, even: takes back) and the last that was answered.
#[derive(Default)]
struct History {
    begun: AtomicU64,
    done: AtomicU64,
    asked: AtomicU64,
}

/// Asks until all changes are made. What it hears must be what one of the states was that held in between.
async fn ask(actor: &Actor, history: &History) {
    while history.done.load(Ordering::SeqCst) < CHANGES {
        let before = history.done.load(Ordering::SeqCst);
        let granted = may(actor).await;
        let after = history.begun.load(Ordering::SeqCst);
        let possible = (before..=after).any(|change| (change % 2 == 1) == granted);
        assert!(possible, "heard {granted} between changes {before} and {after}");
        history.asked.fetch_add(1, Ordering::SeqCst);
    }
}

async fn change(admin: &Actor, bob: &Actor, history: &History) {
    for number in 1..=CHANGES {
        let asked = history.asked.load(Ordering::SeqCst);
        while history.asked.load(Ordering::SeqCst) < asked + ASKED * CLIENTS as u64 {
            tokio::task::yield_now().await;
        }
        history.begun.store(number, Ordering::SeqCst);
        set_roles(admin, &bob.id, if number % 2 == 1 { &["user", "admin"] } else { &["user"] }).await;
        history.done.store(number, Ordering::SeqCst);
    }
}

#[on_each_database(flavor = "multi_thread")]
async fn of_rights_holds_for_every_request_that_starts_after_the_answer() {
    each(async |server| {
        let (admin, bob) = (server.admin().await, server.user("bob").await);
        let history = History::default();
        let asking = join_all((0..CLIENTS).map(|_| ask(&bob, &history)));
        tokio::join!(asking, change(&admin, &bob, &history));
    })
    .await;
}
