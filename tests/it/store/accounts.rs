//! Stored users: insert, find, update and delete. Usernames and email addresses stay unique under concurrent writes.

use chrono::TimeDelta;
use fieldguard::{
    domain::user::{User, UserCounts},
    store::{
        Error, Store,
        users::{self, LoginName},
    },
};
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;

use super::{account, add, each, email, hash, now};

fn named(key: &str) -> LoginName {
    LoginName::Username(key.to_owned())
}

async fn insert(store: &Store, user: &User) -> Result<(), Error> {
    let tx = store.write().await?;
    users::insert(&tx, user, &hash("$argon2id$x")).await?;
    tx.commit().await
}

#[on_each_database]
async fn users_are_found_as_inserted() {
    each(async |store| {
        let user = User { email: Some(email("Ada@example.org")), ..account("Ada") };
        insert(store, &user).await.unwrap();
        assert_eq!(users::find(store, user.id).await.unwrap(), Some(user.clone()));
        assert_eq!(users::find(store, account("bob").id).await.unwrap(), None);
        let credentials = users::credentials(store, &named("ada")).await.unwrap().unwrap();
        assert_eq!((credentials.user, credentials.hash.as_phc()), (user.clone(), "$argon2id$x"));
        assert!(users::credentials(store, &named("Ada")).await.unwrap().is_none(), "only the canonical form signs in");
        let by_email = |key: &str| LoginName::Email(key.to_owned());
        assert!(users::credentials(store, &by_email("ada@example.org")).await.unwrap().is_some());
        assert!(users::credentials(store, &by_email("ada")).await.unwrap().is_none());
        assert!(users::credentials_of(store, user.id).await.unwrap().is_some());
    })
    .await;
}

#[on_each_database]
async fn concurrent_inserts_of_one_username_succeed_once() {
    each(async |store| {
        let attempts = (0..20).map(|_| async { insert(store, &account("ada")).await });
        let (added, refused): (Vec<_>, Vec<_>) = join_all(attempts).await.into_iter().partition(Result::is_ok);
        assert_eq!(added.len(), 1);
        assert!(refused.iter().all(|result| matches!(result, Err(Error::Taken { field: "username" }))), "{refused:?}");
        assert_eq!(users::total(store).await.unwrap(), 1);
    })
    .await;
}

#[on_each_database]
async fn email_addresses_are_unique() {
    each(async |store| {
        let with_email = |name| User { email: Some(email("a@example.org")), ..account(name) };
        insert(store, &with_email("ada")).await.unwrap();
        let error = insert(store, &with_email("bob")).await.unwrap_err();
        assert!(matches!(error, Error::Taken { field: "email" }), "{error:?}");
        insert(store, &account("cleo")).await.unwrap();
        insert(store, &account("dora")).await.unwrap();
    })
    .await;
}

#[on_each_database]
async fn set_profile_changes_username_and_email() {
    each(async |store| {
        let (ada, bob) = (add(store, "ada", &[]).await, add(store, "bob", &[]).await);
        let tx = store.write().await.unwrap();
        let address = email("ada@example.org");
        let changed = users::set_profile(&tx, ada.id, None, Some(Some(&address)), now()).await.unwrap().unwrap();
        assert_eq!(changed, User { email: Some(address), ..ada.clone() });
        let name = account("Ada.L").username;
        let changed = users::set_profile(&tx, ada.id, Some(&name), Some(None), now()).await.unwrap().unwrap();
        assert_eq!(changed, User { username: name, ..ada });
        assert_eq!(users::set_profile(&tx, account("x").id, None, None, now()).await.unwrap(), None);
        let taken = users::set_profile(&tx, bob.id, Some(&account("ADA.l").username), None, now()).await;
        assert!(matches!(taken, Err(Error::Taken { field: "username" })), "{taken:?}");
    })
    .await;
}

#[on_each_database]
async fn replace_hash_replaces_only_the_expected_hash() {
    each(async |store| {
        let ada = add(store, "ada", &[]).await;
        let (old, new, newest) = (hash("$argon2id$old"), hash("$argon2id$new"), hash("$argon2id$newest"));
        let tx = store.write().await.unwrap();
        assert!(users::replace_hash(&tx, ada.id, &old, &new, now()).await.unwrap());
        assert!(!users::replace_hash(&tx, ada.id, &old, &newest, now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(users::credentials_of(store, ada.id).await.unwrap().unwrap().hash.as_phc(), new.as_phc());
        let tx = store.write().await.unwrap();
        assert!(users::set_hash(&tx, ada.id, &newest, now()).await.unwrap());
        assert!(!users::set_hash(&tx, account("x").id, &newest, now()).await.unwrap());
    })
    .await;
}

#[on_each_database]
async fn set_disabled_keeps_the_first_time() {
    each(async |store| {
        let ada = add(store, "ada", &[]).await;
        let later = now() + TimeDelta::hours(1);
        let tx = store.write().await.unwrap();
        for time in [now(), later] {
            let disabled = users::set_disabled(&tx, ada.id, Some(time), time).await.unwrap().unwrap();
            assert_eq!(disabled.disabled_at, Some(now()));
        }
        assert_eq!(users::set_disabled(&tx, ada.id, None, later).await.unwrap(), Some(ada));
        assert_eq!(users::set_disabled(&tx, account("x").id, None, later).await.unwrap(), None);
    })
    .await;
}

#[on_each_database]
async fn users_are_counted_by_state() {
    each(async |store| {
        let old = User { created_at: now() - TimeDelta::days(8), ..account("old") };
        let disabled = User { disabled_at: Some(now()), ..account("off") };
        for user in [&old, &disabled, &account("new")] {
            insert(store, user).await.unwrap();
        }
        let counts = users::counts(store, now()).await.unwrap();
        assert_eq!(counts, UserCounts { total: 3, active: 2, disabled: 1, leaving: 0, recent: 2 });
    })
    .await;
}

#[on_each_database]
async fn last_sign_in_is_stored() {
    each(async |store| {
        let ada = add(store, "ada", &[]).await;
        let tx = store.write().await.unwrap();
        users::signed_in(&tx, ada.id, now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(users::find(store, ada.id).await.unwrap().unwrap().last_sign_in_at, Some(now()));
    })
    .await;
}
