//! Users who know their passwords can sign in during a flood of wrong passwords. Rate-limited attempts take no place in
//! the hashing queue, and parts of the queue are reserved for clients with a higher trust level.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use fieldguard::{
    accounts::{Accounts, error::Error},
    auth::{
        fingerprint,
        hasher::{Claim, Place, Trust},
    },
    config::Config,
    store::attempts,
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{HOME, WRONG, behind_a_proxy, register, replicas::login};
use crate::{
    actor::PASSWORD,
    app::{Server, each_with},
};

/// The number of users who sign in with the right password.
const USERS: usize = 20;

/// Sixteen places: `Suspect` clients can take eight, `Clean` clients twelve.
fn sixteen_places(config: &mut Config) {
    behind_a_proxy(config);
    config.hash.threads = 1;
    config.hash.queue = 15;
}

/// Reserves every place that is available at the trust level.
fn take_all(accounts: &Accounts, trust: Trust) -> Vec<Place> {
    std::iter::from_fn(|| accounts.hasher.reserve(Claim { trust, network: None }).ok()).collect()
}

/// Sends a wrong password from the address, so that the address has a failure.
async fn fail_once(accounts: &Accounts, address: &str) {
    let refused = login(accounts, address, &format!("first.{}", address.replace(':', ".")), WRONG).await;
    assert!(matches!(refused, Err(Error::InvalidCredentials)), "{:?}", refused.err());
}

/// Sends wrong passwords over 100 connections, each with its own usernames and with the address of its number, until
/// every user has signed in from their own address. Returns how many guesses were rate limited.
async fn sign_in_during_a_flood(server: &Server, address: impl Fn(usize) -> String) -> usize {
    let accounts = server.app.accounts();
    for number in 0..USERS {
        register(server, "127.0.0.1", &format!("person{number}")).await.ok();
    }
    let (is_over, limited) = (AtomicBool::new(false), AtomicUsize::new(0));
    let flood = join_all((0..100).map(async |connection| {
        let address = address(connection);
        for guess in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            match login(accounts, &address, &format!("name{connection}.{guess}"), WRONG).await {
                Err(Error::RateLimited { .. }) => drop(limited.fetch_add(1, Ordering::Relaxed)),
                Err(Error::InvalidCredentials | Error::Busy) => {}
                other => panic!("{:?}", other.err()),
            }
            tokio::task::yield_now().await;
        }
    }));
    let people = async {
        for number in 0..USERS {
            let from = format!("198.51.100.{}", 100 + number);
            let sign_in = login(accounts, &from, &format!("person{number}"), PASSWORD).await;
            assert!(sign_in.is_ok(), "person {number}: {:?}", sign_in.err());
        }
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(flood, people);
    limited.into_inner()
}

#[on_each_database(flavor = "multi_thread")]
async fn users_can_sign_in_during_a_flood_from_one_address() {
    each_with(sixteen_places, async |server| {
        fail_once(server.app.accounts(), "203.0.113.9").await;
        let limited = sign_in_during_a_flood(server, |_| "203.0.113.9".to_owned()).await;
        assert!(limited > 0, "the address is rate limited");
        assert!(
            server.app.accounts().metrics().hashes <= 1 + 2 * USERS as u64 + 19,
            "rate-limited attempts are not hashed"
        );
    })
    .await;
}

#[on_each_database(flavor = "multi_thread")]
async fn users_can_sign_in_during_a_flood_from_a_hundred_addresses() {
    each_with(sixteen_places, async |server| {
        let address = |number: usize| format!("203.0.113.{number}");
        for number in 0..100 {
            fail_once(server.app.accounts(), &address(number)).await;
        }
        sign_in_during_a_flood(server, address).await;
    })
    .await;
}

#[on_each_database]
async fn rate_limited_sign_in_reserves_no_place() {
    each_with(sixteen_places, async |server| {
        register(server, HOME, "bob").await.ok();
        let accounts = server.app.accounts();
        let refused = login(accounts, "203.0.113.9", "bob", WRONG).await;
        assert!(matches!(refused, Err(Error::InvalidCredentials)));
        let _suspects = take_all(accounts, Trust::Suspect);
        let early = login(accounts, "203.0.113.9", "bob", WRONG).await;
        assert!(
            matches!(early, Err(Error::RateLimited { seconds: 1 })),
            "rate limited before a place is reserved: {:?}",
            early.err()
        );
    })
    .await;
}

#[on_each_database]
async fn parts_of_the_queue_are_reserved_for_clean_and_for_known_clients() {
    each_with(sixteen_places, async |server| {
        register(server, HOME, "bob").await.ok();
        register(server, HOME, "ann").await.ok();
        let accounts = server.app.accounts();
        fail_once(accounts, "203.0.113.9").await;

        let suspects = take_all(accounts, Trust::Suspect);
        let suspect = login(accounts, "203.0.113.9", "ann", PASSWORD).await;
        assert!(matches!(suspect, Err(Error::Busy)), "the address has a failure: {:?}", suspect.err());
        login(accounts, "203.0.113.10", "ann", PASSWORD).await.unwrap();

        let clean = take_all(accounts, Trust::Clean);
        let stranger = login(accounts, "203.0.113.11", "ann", PASSWORD).await;
        assert!(
            matches!(stranger, Err(Error::Busy)),
            "an address is known only after a successful sign-in: {:?}",
            stranger.err()
        );
        for (name, address) in [("bob", HOME), ("ann", "203.0.113.10")] {
            login(accounts, address, name, PASSWORD).await.unwrap();
        }
        drop((suspects, clean));
        login(accounts, "203.0.113.9", "ann", PASSWORD).await.unwrap();
    })
    .await;
}

#[on_each_database]
async fn username_with_failures_is_suspect_except_from_a_known_address() {
    each_with(sixteen_places, async |server| {
        register(server, HOME, "bob").await.ok();
        let accounts = server.app.accounts();
        assert!(login(accounts, "203.0.113.9", "bob", WRONG).await.is_err());
        accounts.clock.advance(TimeDelta::seconds(1));
        let suspects = take_all(accounts, Trust::Suspect);
        let elsewhere = login(accounts, "203.0.113.10", "bob", PASSWORD).await;
        assert!(matches!(elsewhere, Err(Error::Busy)), "{:?}", elsewhere.err());
        login(accounts, HOME, "bob", PASSWORD).await.unwrap();
        drop(suspects);
        login(accounts, "203.0.113.10", "bob", PASSWORD).await.unwrap();
    })
    .await;
}

#[on_each_database]
async fn sign_in_without_a_place_is_not_counted() {
    each_with(sixteen_places, async |server| {
        let accounts = server.app.accounts();
        fail_once(accounts, "203.0.113.9").await;
        let suspects = take_all(accounts, Trust::Suspect);
        for _ in 0..30 {
            let busy = login(accounts, "203.0.113.9", "nobody", WRONG).await;
            assert!(matches!(busy, Err(Error::Busy)), "{:?}", busy.err());
        }
        drop(suspects);
        let tx = accounts.store.write().await.unwrap();
        for (key, failures) in [(["name", "nobody"], 0), (["address", "203.0.113.9"], 1)] {
            let held = attempts::hold(&tx, &fingerprint::of(&key)).await.unwrap();
            assert_eq!((held.failures, held.in_flight.len()), (failures, 0), "{key:?}");
        }
    })
    .await;
}
