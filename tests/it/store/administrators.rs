//! The last administrator: concurrent removals leave one enabled administrator.

use fieldguard::{
    domain::id::UserId,
    store::{Error, Store, administrators, users},
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join;

use super::{add, each, now};

/// Disables the user unless they are the last enabled administrator, as a use case does. Returns whether the user was
/// disabled.
async fn disable(store: &Store, user: UserId) -> Result<bool, Error> {
    let tx = store.write().await?;
    administrators::lock(&tx).await?;
    users::set_disabled(&tx, user, Some(now()), now()).await?;
    if administrators::enabled(&tx).await? == 0 {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

async fn enable(store: &Store, user: UserId) {
    let tx = store.write().await.unwrap();
    users::set_disabled(&tx, user, None, now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[on_each_database]
async fn concurrent_disabling_leaves_one_administrator() {
    each(async |store| {
        let (ada, bob) = (add(store, "ada", &["admin"]).await, add(store, "bob", &["admin"]).await);
        for round in 0..50 {
            let (first, second) = join(disable(store, ada.id), disable(store, bob.id)).await;
            assert_eq!(u8::from(first.unwrap()) + u8::from(second.unwrap()), 1, "round {round}");
            enable(store, ada.id).await;
            enable(store, bob.id).await;
        }
    })
    .await;
}

#[on_each_database]
async fn administrators_are_listed() {
    each(async |store| {
        assert!(!administrators::exist(store).await.unwrap());
        add(store, "bob", &["user"]).await;
        assert!(!administrators::exist(store).await.unwrap());
        let ada = add(store, "ada", &["user", "admin"]).await;
        assert!(administrators::exist(store).await.unwrap());
        assert_eq!(administrators::list(store).await.unwrap(), [ada]);
    })
    .await;
}
