//! Signing keys: one signs at every instant, however many change that at the same time.

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

/// Lets the key sign from that second on.
async fn schedule(store: &Store, before: Option<&str>, kid: &str, second: i64) -> Result<bool, Error> {
    let tx = store.write().await?;
    let (from, until) = (after(second), after(second) + LIFETIME);
    let done = signing_keys::schedule(&tx, before, kid, from, until).await?;
    tx.commit().await?;
    Ok(done)
}

async fn follow(store: &Store, before: Option<&str>, kid: &str, second: i64) {
    publish(store, kid).await;
    assert!(schedule(store, before, kid, second).await.unwrap());
}

/// The keys that sign at that second and later.
async fn order(store: &Store, second: i64) -> Vec<String> {
    let keys = signing_keys::all(store).await.unwrap();
    signing_order(&keys, after(second)).into_iter().map(|key| key.kid.clone()).collect()
}

#[on_each_database]
async fn one_follows_the_other_however_many_try() {
    each(async |store| {
        let mut before: Option<String> = None;
        for round in 0..10 {
            let kids: Vec<_> = (0..8).map(|number| format!("{round}-{number}")).collect();
            let tries = kids.iter().map(async |kid| {
                publish(store, kid).await;
                schedule(store, before.as_deref(), kid, round).await.unwrap()
            });
            let done: Vec<bool> = join_all(tries).await;
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
async fn a_key_signs_from_its_time_until_that_of_the_next() {
    each(async |store| {
        follow(store, None, "one", 0).await;
        follow(store, Some("one"), "two", 2).await;
        follow(store, Some("two"), "three", 4).await;
        assert!(!schedule(store, Some("two"), "one", 9).await.unwrap(), "two is not the last one");
        assert!(!schedule(store, Some("three"), "three", 9).await.unwrap(), "a key does not follow itself");
        assert!(!schedule(store, Some("three"), "four", 9).await.unwrap(), "it was not published");
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
async fn a_key_that_signs_at_once_comes_before_those_that_wait_and_ends_them() {
    each(async |store| {
        follow(store, None, "one", 0).await;
        follow(store, Some("one"), "two", 2).await;
        follow(store, Some("two"), "three", 4).await;
        follow(store, Some("three"), "four", 1).await;
        for second in 1..6 {
            assert_eq!(order(store, second).await, ["four"]);
        }
        let keys = signing_keys::all(store).await.unwrap();
        assert!(keys.iter().all(|key| key.verifies(now())), "what was published verifies on");
    })
    .await;
}

#[on_each_database]
async fn of_keys_that_sign_from_the_same_time_the_last_one_does() {
    each(async |store| {
        follow(store, None, "z", 0).await;
        follow(store, Some("z"), "a", 0).await;
        follow(store, Some("a"), "m", 0).await;
        assert_eq!(order(store, 0).await, ["m"]);
        let keys = signing_keys::all(store).await.unwrap();
        let signing = keys.iter().find(|key| key.kid == "m").unwrap();
        assert_eq!(keys.iter().filter(|key| key.is_before(signing)).count(), 2);
    })
    .await;
}

#[on_each_database]
async fn a_key_that_was_published_and_not_scheduled_goes_with_the_next_rotation() {
    each(async |store| {
        follow(store, None, "one", 0).await;
        publish(store, "abandoned").await;
        publish(store, "withdrawn").await;
        let tx = store.write().await.unwrap();
        for kid in ["withdrawn", "one"] {
            signing_keys::withdraw(&tx, kid).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(signing_keys::all(store).await.unwrap().len(), 2);
        follow(store, Some("one"), "two", 1).await;
        let keys = signing_keys::all(store).await.unwrap();
        assert!(keys.len() == 2 && keys.iter().all(|key| key.kid != "abandoned"));
    })
    .await;
}

#[on_each_database]
async fn a_key_is_retired_once_and_its_private_half_deleted() {
    each(async |store| {
        follow(store, None, "one", 0).await;
        follow(store, Some("one"), "two", 0).await;
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
