//! Signing keys: exactly one key signs at any time, also under concurrent rotations.

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard::store::{
    Error, Store,
    signing_keys::{self, SigningKey, signing_order},
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{each, now};

const LIFETIME: TimeDelta = TimeDelta::minutes(15);

fn key(kid: &str) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        algorithm: "ES256".to_owned(),
        private_key: vec![7; 32],
        public_key: Some("{}".to_owned()),
        created_at: now(),
        signs_from: None,
        verifies_until: None,
        retired_at: None,
    }
}

fn after(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

async fn publish(store: &Store, kid: &str) {
    let tx = store.write().await.unwrap();
    signing_keys::publish(&tx, &key(kid)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Schedules the key to sign from the second on.
async fn schedule(store: &Store, before: Option<&str>, kid: &str, second: i64) -> Result<bool, Error> {
    let tx = store.write().await?;
    let (from, until) = (after(second), after(second) + LIFETIME);
    let done = signing_keys::schedule(&tx, before, kid, from, until).await?;
    tx.commit().await?;
    Ok(done)
}

async fn rotate(store: &Store, before: Option<&str>, kid: &str, second: i64) {
    publish(store, kid).await;
    assert!(schedule(store, before, kid, second).await.unwrap());
}

/// The keys that sign at the second or later, in order.
async fn order(store: &Store, second: i64) -> Vec<String> {
    let keys = signing_keys::all(store).await.unwrap();
    signing_order(&keys, after(second)).into_iter().map(|key| key.kid.clone()).collect()
}

#[on_each_database]
async fn concurrent_rotations_schedule_one_key() {
    each(async |store| {
        let mut before: Option<String> = None;
        for round in 0..10 {
            let kids: Vec<_> = (0..8).map(|number| format!("{round}-{number}")).collect();
            let attempts = kids.iter().map(async |kid| {
                publish(store, kid).await;
                schedule(store, before.as_deref(), kid, round).await.unwrap()
            });
            let done: Vec<bool> = join_all(attempts).await;
            let done: Vec<_> = kids.iter().zip(done).filter(|(_, done)| *done).map(|(kid, _)| kid).collect();
            assert_eq!((done.len(), order(store, round).await), (1, vec![done[0].clone()]));
            before = Some(done[0].clone());
        }
        let keys = signing_keys::all(store).await.unwrap();
        assert_eq!(keys.iter().filter(|key| key.is_last()).count(), 1);
    })
    .await;
}

#[on_each_database]
async fn keys_sign_from_their_time_until_that_of_the_next() {
    each(async |store| {
        rotate(store, None, "one", 0).await;
        rotate(store, Some("one"), "two", 2).await;
        rotate(store, Some("two"), "three", 4).await;
        assert!(!schedule(store, Some("two"), "one", 9).await.unwrap(), "`two` is not the last key");
        assert!(!schedule(store, Some("three"), "three", 9).await.unwrap(), "a key does not follow itself");
        assert!(!schedule(store, Some("three"), "four", 9).await.unwrap(), "`four` is not published");
        for (second, expected) in [
            (-1, &["one", "two", "three"][..]),
            (0, &["one", "two", "three"]),
            (1, &["one", "two", "three"]),
            (2, &["two", "three"]),
            (4, &["three"]),
        ] {
            assert_eq!(order(store, second).await, expected, "after {second} s");
        }
        let keys = signing_keys::all(store).await.unwrap();
        let until = |kid| keys.iter().find(|key| key.kid == kid).unwrap().verifies_until;
        assert_eq!(["one", "two", "three"].map(until), [Some(after(2) + LIFETIME), Some(after(4) + LIFETIME), None]);
    })
    .await;
}

#[on_each_database]
async fn immediate_rotation_replaces_scheduled_keys() {
    each(async |store| {
        rotate(store, None, "one", 0).await;
        rotate(store, Some("one"), "two", 2).await;
        rotate(store, Some("two"), "three", 4).await;
        rotate(store, Some("three"), "four", 1).await;
        for second in 1..6 {
            assert_eq!(order(store, second).await, ["four"]);
        }
        let keys = signing_keys::all(store).await.unwrap();
        assert!(keys.iter().all(|key| key.verifies(now())), "published keys still verify");
    })
    .await;
}

#[on_each_database]
async fn last_of_keys_with_the_same_start_signs() {
    each(async |store| {
        rotate(store, None, "z", 0).await;
        rotate(store, Some("z"), "a", 0).await;
        rotate(store, Some("a"), "m", 0).await;
        assert_eq!(order(store, 0).await, ["m"]);
        let keys = signing_keys::all(store).await.unwrap();
        let signing = keys.iter().find(|key| key.kid == "m").unwrap();
        assert_eq!(keys.iter().filter(|key| key.is_before(signing)).count(), 2);
    })
    .await;
}

#[on_each_database]
async fn unscheduled_key_is_deleted_by_the_next_rotation() {
    each(async |store| {
        rotate(store, None, "one", 0).await;
        publish(store, "abandoned").await;
        publish(store, "withdrawn").await;
        let tx = store.write().await.unwrap();
        for kid in ["withdrawn", "one"] {
            signing_keys::withdraw(&tx, kid).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(signing_keys::all(store).await.unwrap().len(), 2);
        rotate(store, Some("one"), "two", 1).await;
        let keys = signing_keys::all(store).await.unwrap();
        assert!(keys.len() == 2 && keys.iter().all(|key| key.kid != "abandoned"));
    })
    .await;
}

#[on_each_database]
async fn retired_key_does_not_verify_and_has_no_private_key() {
    each(async |store| {
        rotate(store, None, "one", 0).await;
        rotate(store, Some("one"), "two", 0).await;
        let tx = store.write().await.unwrap();
        signing_keys::forget_private(&tx, &["two"]).await.unwrap();
        for (kid, expected) in [("one", true), ("one", false), ("none", false)] {
            assert_eq!(signing_keys::retire(&tx, kid, now()).await.unwrap(), expected);
        }
        tx.commit().await.unwrap();
        let keys = signing_keys::all(store).await.unwrap();
        assert!(keys.iter().all(|key| key.private_key.is_empty()));
        assert!(!keys.iter().find(|key| key.kid == "one").unwrap().verifies(now()));
        assert!(!format!("{keys:?}").contains('7'));
    })
    .await;
}
