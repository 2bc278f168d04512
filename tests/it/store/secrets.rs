//! Server secrets: created once.

use fieldguard::store::secrets;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::each;

#[on_each_database]
async fn concurrent_requests_create_a_secret_once() {
    each(async |store| {
        let requests = (0..8_u8).map(|number| secrets::get_or_create(store, "cursor", move || vec![number; 32]));
        let mut answers: Vec<_> = join_all(requests).await.into_iter().map(Result::unwrap).collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let again = secrets::get_or_create(store, "cursor", || unreachable!("the secret exists")).await.unwrap();
        assert_eq!(again, answers[0]);
        assert_eq!(secrets::get_or_create(store, "other", || vec![9]).await.unwrap(), [9]);
    })
    .await;
}
