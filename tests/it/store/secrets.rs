//! Secrets and signing keys: made once.

use fieldguard::store::{secrets, signing_keys};
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
        let fresh = |number: u8| move || (number.to_string(), vec![number; 32]);
        // The first round opens the connections; in the others all ask before anyone is answered.
        for round in 0..10 {
            let algorithm = &format!("round {round}");
            let asks = (0..8_u8).map(|number| {
                let fresh = move || (format!("{round}-{number}"), vec![number; 32]);
                signing_keys::get_or_create(store, algorithm, fresh, now())
            });
            let answers: Vec<_> = join_all(asks).await.into_iter().map(Result::unwrap).collect();
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        }
        let first = signing_keys::get_or_create(store, "ES256", fresh(8), now()).await.unwrap();
        assert_eq!(signing_keys::get_or_create(store, "EdDSA", fresh(7), now()).await.unwrap(), [7; 32]);
        assert_eq!(signing_keys::get_or_create(store, "ES256", fresh(9), now()).await.unwrap(), first);
    })
    .await;
}
