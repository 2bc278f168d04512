//! Sign-in attempts and known addresses: counted exactly, limited in number, deleted with their user.

use chrono::TimeDelta;
use fieldguard::{
    domain::{guessing::OF_AN_ACCOUNT, id::UserId, network::Network},
    store::{Store, attempts, known_addresses, users},
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{add, each, now};

const KEY: attempts::Key = [7; 32];

async fn attempt(store: &Store, key: &attempts::Key, now: chrono::DateTime<chrono::Utc>) -> bool {
    let tx = store.write().await.unwrap();
    let held = attempts::hold(&tx, key).await.unwrap();
    let Ok(begun) = held.begin(&OF_AN_ACCOUNT, now, now) else { return false };
    attempts::keep(&tx, key, &begun.failed(&OF_AN_ACCOUNT, now, now)).await.unwrap();
    attempts::prune(&tx, now).await.unwrap();
    tx.commit().await.unwrap();
    true
}

#[on_each_database]
async fn concurrent_attempts_are_counted_once() {
    each(async |store| {
        for round in 0..5 {
            let now = now() + TimeDelta::seconds(10 * round);
            let counted = join_all((0..20).map(|_| attempt(store, &KEY, now))).await;
            assert_eq!(counted.iter().filter(|is_counted| **is_counted).count(), 1, "round {round}");
        }
        let tx = store.write().await.unwrap();
        assert_eq!(attempts::hold(&tx, &KEY).await.unwrap().failures, 5);
        attempts::forget(&tx, &KEY).await.unwrap();
        assert_eq!(attempts::hold(&tx, &KEY).await.unwrap().failures, 0);
    })
    .await;
}

#[on_each_database]
async fn prune_deletes_expired_attempts() {
    each(async |store| {
        for n in 0..20 {
            assert!(attempt(store, &[n; 32], now()).await);
        }
        assert!(attempt(store, &[100; 32], now() + TimeDelta::days(1)).await);
        assert!(attempt(store, &[101; 32], now() + TimeDelta::days(1)).await);
        let tx = store.write().await.unwrap();
        for n in 0..20 {
            assert_eq!(attempts::hold(&tx, &[n; 32]).await.unwrap().failures, 0, "{n}");
        }
        assert_eq!(attempts::hold(&tx, &[100; 32]).await.unwrap().failures, 1);
    })
    .await;
}

#[on_each_database]
async fn ten_addresses_are_known_for_ninety_days() {
    each(async |store| {
        let address = |n: u8| Network::containing([192, 0, 2, n].into());
        let user = add(store, "ada", &[]).await.id;
        let tx = store.write().await.unwrap();
        for n in 0..12 {
            known_addresses::remember(&tx, user, &address(n), now() + TimeDelta::days(i64::from(n))).await.unwrap();
        }
        let later = now() + TimeDelta::days(12);
        for n in 0..12 {
            assert_eq!(known_addresses::is_known(&tx, user, &address(n), later).await.unwrap(), n >= 2, "{n}");
        }
        let far = now() + TimeDelta::days(100);
        assert!(known_addresses::is_known(&tx, user, &address(11), far).await.unwrap());
        assert!(!known_addresses::is_known(&tx, user, &address(10), far).await.unwrap());
        assert!(!known_addresses::is_known(&tx, UserId::new(now()), &address(11), later).await.unwrap());
        users::delete(&tx, user).await.unwrap();
        assert!(!known_addresses::is_known(&tx, user, &address(11), later).await.unwrap());
    })
    .await;
}
