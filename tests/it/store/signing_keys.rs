//! Signing keys: one signs at every instant, whoever changes that at once.

use chrono::TimeDelta;
use fieldguard::store::{
    Error, Store,
    signing_keys::{self, SigningKey},
};
use futures_util::future::join_all;

use super::{each, now};

fn key(kid: &str) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        algorithm: "ES256".to_owned(),
        private_key: vec![7; 32],
        public_key: Some("{}".to_owned()),
        created_at: now(),
        verifies_until: None,
        retired_at: None,
    }
}

async fn replace(store: &Store, before: Option<&str>, kid: &str) -> Result<bool, Error> {
    let tx = store.write().await?;
    let done = signing_keys::replace(&tx, before, &key(kid), now() + TimeDelta::minutes(15)).await?;
    tx.commit().await?;
    Ok(done)
}

async fn retire(store: &Store, kid: &str) -> bool {
    let tx = store.write().await.unwrap();
    let done = signing_keys::retire(&tx, kid, now()).await.unwrap();
    tx.commit().await.unwrap();
    done
}

#[tokio::test]
async fn one_follows_the_other_however_many_try() {
    each(async |store| {
        let mut before: Option<String> = None;
        for round in 0..10 {
            let kids: Vec<_> = (0..8).map(|number| format!("{round}-{number}")).collect();
            let tries = kids.iter().map(|kid| replace(store, before.as_deref(), kid));
            let done: Vec<bool> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
            assert_eq!(done.iter().filter(|it| **it).count(), 1);
            let keys = signing_keys::all(store).await.unwrap();
            assert_eq!(keys.len(), round + 1);
            let signing: Vec<_> = keys.iter().filter(|it| it.signs()).collect();
            assert_eq!(signing.len(), 1);
            assert_eq!(signing[0].kid, kids[done.iter().position(|it| *it).unwrap()]);
            before = Some(signing[0].kid.clone());
        }
    })
    .await;
}

#[tokio::test]
async fn of_a_key_that_signs_no_more_the_private_half_is_forgotten() {
    each(async |store| {
        assert!(replace(store, None, "one").await.unwrap());
        assert!(!replace(store, None, "two").await.unwrap(), "there is one");
        assert!(!replace(store, Some("two"), "three").await.unwrap(), "it is another");
        assert!(!replace(store, Some("one"), "one").await.unwrap_or(false), "a key does not follow itself");
        assert!(!retire(store, "one").await && !retire(store, "two").await);
        assert!(replace(store, Some("one"), "two").await.unwrap());
        let keys = signing_keys::all(store).await.unwrap();
        let one = keys.iter().find(|it| it.kid == "one").unwrap();
        let until = now() + TimeDelta::minutes(15);
        assert!(one.private_key.is_empty() && !one.signs());
        assert_eq!((one.verifies(now()), one.verifies(until)), (Some(until), None));
        assert!(!replace(store, Some("two"), "one").await.unwrap(), "a former key never signs again");

        assert!(retire(store, "one").await && !retire(store, "one").await && !retire(store, "two").await);
        let keys = signing_keys::all(store).await.unwrap();
        assert_eq!(keys.iter().find(|it| it.kid == "one").unwrap().verifies(now()), None);
        assert!(!format!("{keys:?}").contains('7'));
    })
    .await;
}
