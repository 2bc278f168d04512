//! Stored roles: built in, assigned, replaced, found.

use fieldguard::{
    domain::role::{ADMIN, USER},
    store::roles,
};
use fieldguard_test_macros::on_each_database;

use super::{account, add, each, role};

fn names(roles: &[fieldguard::domain::role::Role]) -> Vec<&str> {
    roles.iter().map(|role| role.name.as_str()).collect()
}

#[on_each_database]
async fn two_roles_are_built_in() {
    each(async |store| {
        let all = roles::list(store).await.unwrap();
        assert_eq!(names(&all), [ADMIN, USER]);
        assert!(all.iter().all(|role| role.permissions.is_empty() && !role.description.is_empty()));
        assert_eq!(roles::find(store, all[0].id).await.unwrap().as_ref(), Some(&all[0]));
        assert_eq!(roles::find(store, account("x").id.uuid().into()).await.unwrap(), None);
    })
    .await;
}

#[on_each_database]
async fn assign_replaces_roles_only_if_all_exist() {
    each(async |store| {
        let ada = add(store, "ada", &[USER]).await;
        let tx = store.write().await.unwrap();
        let unknown = roles::assign(&tx, ada.id, &[role(ADMIN), role("nobody")]).await.unwrap();
        assert_eq!(unknown, [role("nobody")]);
        assert!(!roles::give(&tx, ada.id, &role("nobody")).await.unwrap());
        assert!(roles::give(&tx, ada.id, &role(USER)).await.unwrap(), "adding the role again changes nothing");
        tx.commit().await.unwrap();
        assert_eq!(names(roles::of_users(store, &[ada.id]).await.unwrap()[&ada.id].roles()), [USER]);
        let tx = store.write().await.unwrap();
        assert!(roles::assign(&tx, ada.id, &[role(ADMIN)]).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert_eq!(names(roles::of_users(store, &[ada.id]).await.unwrap()[&ada.id].roles()), [ADMIN]);
    })
    .await;
}

#[on_each_database]
async fn roles_are_found_for_several_users() {
    each(async |store| {
        let (ada, bob) = (add(store, "ada", &[USER, ADMIN]).await, add(store, "bob", &[USER]).await);
        let cleo = add(store, "cleo", &[]).await;
        let held = roles::of_users(store, &[bob.id, cleo.id, ada.id]).await.unwrap();
        assert_eq!(names(held[&ada.id].roles()), [ADMIN, USER]);
        assert_eq!(names(held[&bob.id].roles()), [USER]);
        assert!(!held.contains_key(&cleo.id));
        assert!(roles::of_users(store, &[]).await.unwrap().is_empty());
    })
    .await;
}
