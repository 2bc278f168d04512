//! Transactions: atomic and serialized.

use fieldguard::store::users;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{account, each, hash};

#[on_each_database]
async fn transactions_take_effect_only_when_committed() {
    each(async |store| {
        let dropped = account("ada");
        let tx = store.write().await.unwrap();
        users::insert(&tx, &dropped, &hash("x")).await.unwrap();
        assert_eq!(users::find(store, dropped.id).await.unwrap(), None, "other connections do not see the user yet");
        drop(tx);
        let tx = store.write().await.unwrap();
        users::insert(&tx, &account("ada"), &hash("x")).await.expect("the username is available again");
        tx.commit().await.unwrap();
        assert_eq!(users::total(store).await.unwrap(), 1);
    })
    .await;
}

#[on_each_database]
async fn concurrent_transactions_wait_for_each_other() {
    each(async |store| {
        let writes = (0..50).map(|number| async move {
            let tx = store.write().await.unwrap();
            users::insert(&tx, &account(&format!("user{number}")), &hash("x")).await.unwrap();
            tx.commit().await.unwrap();
        });
        join_all(writes).await;
        assert_eq!(users::total(store).await.unwrap(), 50);
    })
    .await;
}
