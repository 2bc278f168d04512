//! Settings that all servers of a deployment share: stored by the first server, changed explicitly.

use fieldguard::store::deployment;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::each;

#[on_each_database]
async fn first_issuer_is_kept_until_another_is_set() {
    each(async |store| {
        assert_eq!(deployment::issuer(store).await.unwrap(), None);
        let starts = (0..8).map(async |number| {
            deployment::issuer_or_store(store, &format!("https://{number}.example")).await.unwrap()
        });
        let mut answers = join_all(starts).await;
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let tx = store.write().await.unwrap();
        deployment::set_issuer(&tx, "https://new.example").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(deployment::issuer_or_store(store, "https://old.example").await.unwrap(), "https://new.example");
    })
    .await;
}
