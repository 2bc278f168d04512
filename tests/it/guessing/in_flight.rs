//! Sign-ins whose password check is in progress: other sign-ins wait for them for a limited time, and an abandoned one
//! counts as failed.

use chrono::TimeDelta;
use fieldguard::{
    accounts::{Accounts, error::Error, reauthenticate::Proof},
    auth::fingerprint,
    domain::guessing::{JUDGED_WITHIN, OF_AN_ACCOUNT, OF_AN_ADDRESS},
    store::{Store, attempts},
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use serde_json::json;

use super::{
    ELSEWHERE, HOME, WRONG, behind_a_proxy, register,
    replicas::{client, login},
    send,
};
use crate::{
    actor::PASSWORD,
    app::{Server, each_with},
};

/// Records a sign-in in progress for the username, as a server does that crashes before the password check ends.
async fn crash(server: &Server, name: &str) {
    let accounts = server.app.accounts();
    let (key, now) = (fingerprint::of(&["name", name]), accounts.clock.now());
    let tx = accounts.store.write().await.unwrap();
    let held = attempts::hold(&tx, &key).await.unwrap();
    attempts::keep(&tx, &key, &held.begin(&OF_AN_ACCOUNT, now, now).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn failures(store: &Store, key: &attempts::Key) -> (u32, usize) {
    let tx = store.write().await.unwrap();
    let held = attempts::hold(&tx, key).await.unwrap();
    (held.failures, held.in_flight.len())
}

/// Returns when `number` sign-ins are in progress.
async fn waiting(accounts: &Accounts, number: usize) {
    while accounts.metrics().waiting < number {
        tokio::task::yield_now().await;
    }
}

#[on_each_database(flavor = "multi_thread")]
async fn crash_during_a_sign_in_delays_other_sign_ins_by_a_few_seconds() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let accounts = server.app.accounts();
        for (name, password) in [("bob", WRONG), ("nobody", WRONG), ("bob", PASSWORD)] {
            crash(server, name).await;
            accounts.clock.advance(TimeDelta::seconds(2));
            login(accounts, HOME, "bob", PASSWORD).await.unwrap();
            let advance_clock = async {
                waiting(accounts, 1).await;
                accounts.clock.advance(JUDGED_WITHIN - TimeDelta::seconds(2));
            };
            match tokio::join!(login(accounts, ELSEWHERE, name, password), advance_clock).0 {
                Ok(_) => assert_eq!(password, PASSWORD),
                Err(Error::InvalidCredentials) => {
                    assert_eq!(password, WRONG);
                    let key = fingerprint::of(&["name", name]);
                    assert_eq!(failures(&accounts.store, &key).await, (2, 0), "the crash counts as a failure");
                }
                Err(error) => panic!("{name}: {error:?}"),
            }
            accounts.clock.advance(TimeDelta::days(1));
        }
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn sign_in_that_waits_for_four_seconds_is_rate_limited() {
    each_with(behind_a_proxy, async |server| {
        register(server, HOME, "bob").await.ok();
        let accounts = server.app.accounts();
        for name in ["bob", "nobody"] {
            crash(server, name).await;
            let sign_ins = join_all((0..3).map(|_| login(accounts, ELSEWHERE, name, PASSWORD)));
            let advance_clock = async {
                waiting(accounts, 3).await;
                assert_eq!(accounts.metrics().hashing, 0, "waiting sign-ins take no place in the queue");
                accounts.clock.advance(TimeDelta::seconds(4));
            };
            for answer in tokio::join!(sign_ins, advance_clock).0 {
                assert!(matches!(answer, Err(Error::RateLimited { seconds: 1..=5 })), "{name}: {:?}", answer.err());
            }
        }
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn sign_in_counts_as_failed_when_the_client_disconnects() {
    let slow = |config: &mut fieldguard::config::Config| {
        behind_a_proxy(config);
        // Slow hashing, so that the client disconnects during it. If a slow machine disconnects later, the sign-in has
        // failed anyway.
        config.hash.iterations = 2_000;
        config.hash.memory_kib = 64;
    };
    each_with(slow, async |server| {
        let accounts = server.app.accounts().clone();
        let key = fingerprint::of(&["name", "nobody"]);
        let sign_in = tokio::spawn({
            let accounts = accounts.clone();
            async move { login(&accounts, ELSEWHERE, "nobody", WRONG).await.map(drop) }
        });
        while failures(&accounts.store, &key).await == (0, 0) {
            tokio::task::yield_now().await;
        }
        sign_in.abort();
        while failures(&accounts.store, &key).await != (1, 0) {
            tokio::task::yield_now().await;
        }
        let early = login(&accounts, ELSEWHERE, "nobody", WRONG).await;
        assert!(matches!(early, Err(Error::RateLimited { seconds: 1 })), "{:?}", early.err());
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn thirty_users_can_sign_in_from_one_address_at_once() {
    each_with(behind_a_proxy, async |server| {
        let accounts = server.app.accounts();
        let other = server.replica(&accounts.clock).await;
        let names: Vec<_> = (0..30).map(|n| format!("pupil{n}")).collect();
        for name in &names {
            register(server, HOME, name).await.ok();
        }
        let sign_ins = names
            .iter()
            .enumerate()
            .map(|(n, name)| login(if n % 2 == 0 { accounts } else { &other }, ELSEWHERE, name, PASSWORD));
        for (sign_in, name) in join_all(sign_ins).await.into_iter().zip(&names) {
            assert!(sign_in.is_ok(), "{name}: {:?}", sign_in.err());
        }
        let key = fingerprint::of(&["address", ELSEWHERE]);
        assert_eq!(failures(&accounts.store, &key).await, (0, 0));
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_guesses_from_one_address_compute_twenty_hashes() {
    each_with(behind_a_proxy, async |server| {
        let accounts = server.app.accounts();
        let other = server.replica(&accounts.clock).await;
        let names: Vec<_> = (0..100).map(|n| format!("nobody{n}")).collect();
        let sign_ins = names
            .iter()
            .enumerate()
            .map(|(n, name)| login(if n % 2 == 0 { accounts } else { &other }, ELSEWHERE, name, WRONG));
        let refused = join_all(sign_ins).await;
        let wrong = refused.iter().filter(|answer| matches!(answer, Err(Error::InvalidCredentials))).count();
        let early = refused.iter().filter(|answer| matches!(answer, Err(Error::RateLimited { seconds: 1 }))).count();
        assert_eq!((wrong, early), (20, 80));
        assert_eq!(accounts.metrics().hashes + other.metrics().hashes, 20);
        let tx = accounts.store.write().await.unwrap();
        let held = attempts::hold(&tx, &fingerprint::of(&["address", ELSEWHERE])).await.unwrap();
        assert!(held.begin(&OF_AN_ADDRESS, accounts.clock.now(), accounts.clock.now()).is_err());
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn concurrent_password_checks_at_two_replicas_succeed() {
    each_with(behind_a_proxy, async |server| {
        let answer = register(server, HOME, "bob").await.ok();
        let token = answer.at("/data/register/accessToken").as_str().unwrap();
        let accounts = server.app.accounts();
        let other = server.replica(&accounts.clock).await;
        let from = client(ELSEWHERE);
        let caller = accounts.identify(token, &from).await.unwrap();
        for round in 0..10 {
            let [one, two] =
                [accounts, &other].map(|at| at.reauthenticate(&caller, Proof::Password(PASSWORD.to_owned()), &from));
            let sign_in = login(&other, ELSEWHERE, "bob", PASSWORD);
            let (one, two, sign_in) = tokio::join!(one, two, sign_in);
            assert!(one.is_ok() && two.is_ok() && sign_in.is_ok(), "round {round}");
        }
        let new = "a cold night on the hill";
        let change = accounts.update_password(&caller, PASSWORD.to_owned(), new.to_owned(), &from);
        let (changed, fresh) =
            tokio::join!(change, other.reauthenticate(&caller, Proof::Password(PASSWORD.to_owned()), &from));
        changed.unwrap();
        assert!(matches!(fresh, Ok(_) | Err(Error::InvalidCredentials)), "{:?}", fresh.err());
        let bob = server.anonymous().bearing(token);
        let document = "mutation ($input: String!) { deleteAccount(input: { password: $input }) { userId } }";
        let wrong = send(&bob, "203.0.113.77", document, json!(WRONG)).await;
        assert!(["INVALID_CREDENTIALS", "RATE_LIMITED"].contains(&wrong.codes()[0]), "{wrong:#?}");
    })
    .await;
}
