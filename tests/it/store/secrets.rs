//! Secrets and signing keys: made once.

use fieldguard::store::{secrets, signing_keys, users};
use futures_util::future::join_all;

use super::{each, now};

#[tokio::test]
async fn are_made_once() {
    each(async |store| {
        let asks = (0..8_u8).map(|number| secrets::get_or_create(store, "cursor", move || vec![number; 32]));
        let mut answers: Vec<_> = join_all(asks).await.into_iter().map(Result::unwrap).collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let again = secrets::get_or_create(store, "cursor", || unreachable!("it is there")).await.unwrap();
        assert_eq!(again, answers[0]);
        assert_eq!(secrets::get_or_create(store, "other", || vec![9]).await.unwrap(), [9]);
    })
    .await;
}

#[tokio::test]
async fn and_signing_keys_too() {
    each(async |store| {
        // Opens the connections, so that all ask before the first is answered.
        join_all((0..8).map(|_| users::total(store))).await;
        let fresh = |number: u8| move || (number.to_string(), vec![number; 32]);
        let asks = (0..8_u8).map(|number| signing_keys::get_or_create(store, "ES256", fresh(number), now()));
        let mut answers: Vec<_> = join_all(asks).await.into_iter().map(Result::unwrap).collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        assert_eq!(signing_keys::get_or_create(store, "EdDSA", fresh(9), now()).await.unwrap(), [9; 32]);
        assert_eq!(signing_keys::get_or_create(store, "ES256", fresh(9), now()).await.unwrap(), answers[0]);
    })
    .await;
}
