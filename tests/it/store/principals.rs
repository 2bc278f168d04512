//! Principals: only an enabled user with a live session has one.

use std::sync::Arc;

use chrono::TimeDelta;
use fieldguard::{
    domain::{
        id::{RoleId, SessionId, UserId},
        permission::{ROLES_READ, USERS_READ},
        role::{Role, RoleName},
    },
    store::{Store, principals, roles, sessions, users},
};
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection};

use super::{add, each, now, settings, sign_in, sign_in_for};
use crate::database;

async fn has_principal(store: &Store, user: UserId, session: SessionId, after: TimeDelta) -> bool {
    principals::find(store, user, session, now() + after).await.unwrap().is_some()
}

#[on_each_database]
async fn principals_have_the_roles_of_their_user() {
    each(async |store| {
        let ada = add(store, "ada", &["user", "admin"]).await;
        let session = sign_in(store, ada.id).await;
        let principal = principals::find(store, ada.id, session, now()).await.unwrap().unwrap().principal;
        assert!(principal.is(ada.id) && principal.session() == Some(session));
        assert_eq!(principal.roles().map(RoleName::as_str).collect::<Vec<_>>(), ["admin", "user"]);
        let bob = add(store, "bob", &[]).await;
        let session = sign_in(store, bob.id).await;
        let principal = principals::find(store, bob.id, session, now()).await.unwrap().unwrap().principal;
        assert_eq!(principal.roles().count(), 0);
    })
    .await;
}

#[on_each_database]
async fn principals_have_the_permissions_of_their_roles() {
    database::each(async |database| {
        let store = Store::connect(&settings(database)).await.unwrap();
        store.migrate().await.unwrap();
        let connection = Connection::connect(&database.url).await.unwrap();
        for permission in ["users:read", "audit:read"] {
            let sql = format!("INSERT INTO role_permissions SELECT id, '{permission}' FROM roles WHERE name = 'user'");
            connection.execute_unprepared(&sql).await.unwrap();
        }
        let ada = add(&store, "ada", &["user"]).await;
        let session = sign_in(&store, ada.id).await;
        let principal = principals::find(&store, ada.id, session, now()).await.unwrap().unwrap().principal;
        assert!(principal.can(USERS_READ) && !principal.can(ROLES_READ));
        let held = roles::of_users(&store, &[ada.id]).await.unwrap();
        assert_eq!(held[&ada.id].roles()[0].permissions, ["audit:read", "users:read"]);
    })
    .await;
}

#[on_each_database]
async fn principals_require_a_live_session_of_their_user() {
    each(async |store| {
        let (ada, bob) = (add(store, "ada", &[]).await, add(store, "bob", &[]).await);
        let session = sign_in(store, ada.id).await;
        assert!(has_principal(store, ada.id, session, TimeDelta::minutes(59)).await);
        assert!(!has_principal(store, ada.id, session, TimeDelta::minutes(60)).await, "expired by inactivity");
        let busy = sign_in_for(store, ada.id, TimeDelta::days(9), TimeDelta::days(1)).await;
        assert!(has_principal(store, ada.id, busy, TimeDelta::hours(23)).await);
        assert!(!has_principal(store, ada.id, busy, TimeDelta::hours(24)).await, "expired by age");
        assert!(!has_principal(store, bob.id, session, TimeDelta::zero()).await, "the session of another user");
        assert!(!has_principal(store, ada.id, SessionId::new(now()), TimeDelta::zero()).await, "unknown");
        let tx = store.write().await.unwrap();
        sessions::revoke_all(&tx, ada.id, None, now()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!has_principal(store, ada.id, session, TimeDelta::zero()).await, "revoked");
    })
    .await;
}

#[on_each_database]
async fn principals_require_an_enabled_user() {
    each(async |store| {
        let ada = add(store, "ada", &[]).await;
        let session = sign_in(store, ada.id).await;
        for (disabled_at, expected) in [(Some(now()), false), (None, true)] {
            let tx = store.write().await.unwrap();
            users::set_disabled(&tx, ada.id, disabled_at, now()).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(has_principal(store, ada.id, session, TimeDelta::zero()).await, expected);
        }
        let tx = store.write().await.unwrap();
        users::delete(&tx, ada.id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!has_principal(store, ada.id, session, TimeDelta::zero()).await, "deleted");
    })
    .await;
}

#[on_each_database]
async fn principals_have_the_permissions_of_included_roles() {
    each(async |store| {
        let ada = add(store, "ada", &["user"]).await;
        let session = sign_in(store, ada.id).await;
        let tx = store.write().await.unwrap();
        let role = |name: &str, permission: &str, includes: Vec<Arc<Role>>| Role {
            id: RoleId::new(now()),
            name: RoleName::parse(name).unwrap(),
            description: String::new(),
            permissions: vec![permission.to_owned()],
            includes,
            is_protected: false,
        };
        let desk = role("desk", "users:read", Vec::new());
        let lead = role("lead", "users:write", vec![Arc::new(desk.clone())]);
        for role in [&desk, &lead] {
            roles::insert(&tx, role).await.unwrap();
        }
        let user = roles::named(&tx, &[RoleName::parse("user").unwrap()]).await.unwrap().remove(0);
        roles::replace(&tx, &Role { includes: vec![Arc::new(lead.clone())], ..user }).await.unwrap();
        tx.commit().await.unwrap();
        let principal = principals::find(store, ada.id, session, now()).await.unwrap().unwrap().principal;
        assert_eq!(principal.roles().map(RoleName::as_str).collect::<Vec<_>>(), ["desk", "lead", "user"]);
        assert!(principal.can(USERS_READ) && !principal.can(ROLES_READ));
        assert_eq!(roles::of_user(store, ada.id).await.unwrap()[0].includes, [Arc::new(lead.clone())]);
        assert_eq!(roles::live_sessions(store, desk.id, now()).await.unwrap(), 1);
        assert_eq!(roles::find(store, lead.id).await.unwrap(), Some(lead));
    })
    .await;
}
