//! Stored sessions: counted while live, revoked together, deleted with their user.

use chrono::TimeDelta;
use fieldguard::store::{roles, sessions, users};
use fieldguard_test_macros::on_each_database;

use super::{add, each, now, sign_in};

#[on_each_database]
async fn sessions_expire_when_idle() {
    each(async |store| {
        let ada = add(store, "ada", &[]).await;
        sign_in(store, ada.id).await;
        assert_eq!(sessions::live(store, now() + TimeDelta::minutes(59)).await.unwrap(), 1);
        assert_eq!(sessions::live(store, now() + TimeDelta::minutes(60)).await.unwrap(), 0);
    })
    .await;
}

#[on_each_database]
async fn end_all_revokes_all_sessions_except_the_kept_one() {
    each(async |store| {
        let (ada, bob) = (add(store, "ada", &[]).await, add(store, "bob", &[]).await);
        let kept = sign_in(store, ada.id).await;
        sign_in(store, ada.id).await;
        sign_in(store, bob.id).await;
        let tx = store.write().await.unwrap();
        assert_eq!(sessions::revoke_all(&tx, ada.id, Some(kept), now()).await.unwrap(), 1);
        assert_eq!(sessions::revoke_all(&tx, ada.id, None, now()).await.unwrap(), 1);
        assert_eq!(
            sessions::revoke_all(&tx, ada.id, None, now()).await.unwrap(),
            0,
            "a revoked session is not revoked again"
        );
        tx.commit().await.unwrap();
        assert_eq!(sessions::live(store, now()).await.unwrap(), 1, "the other user's session stays live");
    })
    .await;
}

#[on_each_database]
async fn sessions_are_deleted_with_their_user() {
    each(async |store| {
        let ada = add(store, "ada", &["user"]).await;
        sign_in(store, ada.id).await;
        let tx = store.write().await.unwrap();
        assert!(users::delete(&tx, ada.id).await.unwrap());
        assert!(!users::delete(&tx, ada.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(sessions::live(store, now()).await.unwrap(), 0);
        assert!(roles::of_users(store, &[ada.id]).await.unwrap().is_empty());
    })
    .await;
}
