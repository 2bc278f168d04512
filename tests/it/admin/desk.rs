//! A support desk: a role that changes users and revokes sessions, but can't change administrators.

use fieldguard::domain::id::RoleId;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use crate::{
    actor::{Actor, Answer},
    app::{Server, each},
};

/// The permissions of a support desk.
pub const DESK: &[&str] = &["users:read", "users:write", "sessions:revoke"];

/// Creates a user and a role, both called `name`. The role has exactly these permissions.
pub async fn holder(server: &Server, admin: &Actor, name: &str, permissions: &[&str]) -> Actor {
    let id = RoleId::new(server.app.accounts().clock.now()).uuid();
    let id = if server.database.url.starts_with("sqlite") { format!("X'{}'", id.simple()) } else { format!("'{id}'") };
    super::execute(server, &format!("INSERT INTO roles (id, name, description) VALUES ({id}, '{name}', 'Of a test.')"))
        .await;
    for permission in permissions {
        let sql = format!("INSERT INTO role_permissions (role_id, permission) VALUES ({id}, '{permission}')");
        super::execute(server, &sql).await;
    }
    let actor = server.user(name).await;
    super::set_roles(admin, &actor.id, &[name, "user"]).await.ok();
    actor
}

/// Sends a mutation that changes users, and selects the changed users.
pub async fn change(actor: &Actor, call: &str) -> Answer {
    let below = if call.split('(').next().unwrap().ends_with("Users") { "users" } else { "user" };
    actor.gql(&format!("mutation {{ it: {call} {{ {below} {{ id username }} }} }}")).await
}

/// Signs in with this name and password.
pub async fn login(server: &Server, name: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken user { id } } }";
    server.anonymous().gql_with(document, json!({ "input": { "username": name, "password": password } })).await
}

/// Every mutation on the user with this id, with the permission it requires.
fn calls(id: &str) -> Vec<(&'static str, String)> {
    vec![
        ("users:write", format!("updateUser(input: {{ userId: \"{id}\", username: \"taken.over\" }})")),
        ("users:write", format!("updateUser(input: {{ userId: \"{id}\", email: \"taken@example.org\" }})")),
        ("users:write", format!("unlockUser(input: {{ userId: \"{id}\" }})")),
        ("users:write", format!("disableUser(input: {{ userId: \"{id}\" }})")),
        ("users:write", format!("disableUsers(input: {{ userIds: [\"{id}\"] }})")),
        ("users:write", format!("enableUsers(input: {{ userIds: [\"{id}\"] }})")),
        ("users:write", format!("issuePasswordReset(input: {{ userId: \"{id}\" }})")),
        ("users:delete", format!("deleteUser(input: {{ userId: \"{id}\" }})")),
        ("users:delete", format!("deleteUsers(input: {{ userIds: [\"{id}\"] }})")),
        ("users:delete", format!("restoreUser(input: {{ userId: \"{id}\" }})")),
        ("users:delete", format!("restoreUsers(input: {{ userIds: [\"{id}\"] }})")),
        ("sessions:revoke", format!("revokeUserSessions(input: {{ userId: \"{id}\" }})")),
    ]
}

#[on_each_database]
async fn support_desk_cannot_change_an_administrator() {
    each(async |server| {
        let ada = server.admin().await;
        let sam = holder(server, &ada, "desk", DESK).await;
        let eve = holder(server, &ada, "undertaker", &["users:delete"]).await;
        let before = super::scan::table(server, "accounts").await;
        for (permission, call) in calls(&ada.id) {
            for (actor, may) in [(&sam, DESK.contains(&permission)), (&eve, permission == "users:delete")] {
                let refused = change(actor, &call).await;
                assert_eq!(refused.codes(), ["FORBIDDEN"], "{call}");
                let by_rule = refused.at("/errors/0/extensions/coordinate").is_string();
                assert_eq!(by_rule, !may, "{call}: {refused:#?}");
            }
            assert_eq!(change(&server.anonymous(), &call).await.codes(), ["UNAUTHENTICATED"], "{call}");
        }
        assert_eq!(super::scan::table(server, "accounts").await, before);
        ada.gql("{ me { id } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn mutations_on_users_require_their_permission() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        let sam = holder(server, &ada, "desk", DESK).await;
        for (permission, call) in calls(&bob.id) {
            assert_eq!(change(&ann, &call).await.codes(), ["FORBIDDEN"], "{call}");
            let answer = change(&sam, &call).await;
            assert_eq!(answer.codes().is_empty(), DESK.contains(&permission), "{call}: {answer:#?}");
        }
        for call in ["createUser(input: { username: \"new.one\" })", "importUsers(input: { users: [] })"] {
            assert_eq!(change(&ann, call).await.codes(), ["FORBIDDEN"]);
            assert_eq!(change(&sam, call).await.codes().is_empty(), call.starts_with("create"), "{call}");
        }
    })
    .await;
}

#[on_each_database]
async fn mutations_on_an_unknown_user_return_not_found() {
    each(async |server| {
        let ada = server.admin().await;
        for id in ["01890000-0000-7000-8000-000000000000", "nonsense", ""] {
            for (_, call) in calls(id) {
                let answer = change(&ada, &call).await;
                assert_eq!((answer.codes(), answer.at("/data/it")), (vec!["NOT_FOUND"], &json!(null)), "{call}");
                let field = if call.contains("userIds") { "userIds.0" } else { "userId" };
                assert_eq!(answer.at("/errors/0/extensions/field"), field, "{call}");
            }
        }
    })
    .await;
}

#[on_each_database]
async fn revoke_user_sessions_revokes_every_session_immediately() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        let elsewhere = server.anonymous().login("bob").await;
        let document = format!(
            "mutation {{ revokeUserSessions(input: {{ userId: \"{}\" }}) {{ effectiveAt sessionsRevoked user {{ id }} }} }}",
            bob.id
        );
        let answer = ada.gql(&document).await.ok();
        let done = answer.at("/data/revokeUserSessions");
        assert_eq!((&done["sessionsRevoked"], &done["user"]["id"]), (&json!(2), &json!(bob.id)));
        assert!(done["effectiveAt"].as_str().unwrap().starts_with("2027-01-15T08:00:0"));
        for actor in [&bob, &elsewhere] {
            assert_eq!(actor.gql("{ me { id } }").await.status, 401, "the session is still valid");
        }
        ann.gql("{ me { id } }").await.ok();
        let bob = server.anonymous().login("bob").await;
        let events = "{ me { securityEvents(first: 10) { edges { node { action ipAddress } } } } }";
        let answer = bob.gql(events).await.ok();
        let expected = json!({ "node": { "action": "SESSIONS_REVOKED", "ipAddress": null } });
        assert!(answer.at("/data/me/securityEvents/edges").as_array().unwrap().contains(&expected), "{answer:#?}");
        ada.gql(&document).await.ok();
        let again = ada.gql(&document).await.ok();
        assert_eq!(again.at("/data/revokeUserSessions/sessionsRevoked"), 0);
    })
    .await;
}
