//! Audit events of changes to users, roles and tokens.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{assert_whole, audit_events, only};
use crate::{actor::PASSWORD, app::each};

/// The audit event of an action. Asserts its actor and coordinate.
async fn event(ada: &crate::actor::Actor, action: &str, coordinate: &str, target: &Value) -> Value {
    let found = audit_events(ada, &format!("action: {action}, targetId: {target}")).await;
    let row = only(&found).clone();
    assert_eq!(row["actorId"], json!(ada.id), "{row:#}");
    assert_eq!(row["coordinates"], json!([coordinate]), "{row:#}");
    row
}

#[on_each_database]
async fn role_changes_are_recorded_with_permissions() {
    each(async |server| {
        let ada = server.admin().await;
        let made = ada.gql("mutation { createRole(input: { name: \"desk\", permissions: [\"users:read\"] }) { role { id } } }");
        let id = made.await.ok().at("/data/createRole/role/id").clone();
        let change = "mutation { updateRole(input: { role: \"desk\", permissions: [\"users:read\", \"audit:read\"], includes: [\"user\"] }) { role { id } } }";
        ada.gql(change).await.ok();
        ada.gql("mutation { deleteRole(input: { role: \"desk\" }) { roleId } }").await.ok();
        let created = event(&ada, "ROLE_CREATED", "Mutation.createRole", &id).await;
        assert_eq!(created["after"]["permissionNames"], json!(["users:read"]));
        assert!(created["before"].is_null());
        let updated = event(&ada, "ROLE_UPDATED", "Mutation.updateRole", &id).await;
        assert_eq!(updated["before"]["permissionNames"], json!(["users:read"]));
        assert_eq!(updated["after"]["permissionNames"], json!(["audit:read", "users:read"]));
        assert_eq!((&updated["before"]["roleNames"], &updated["after"]["roleNames"]), (&json!([]), &json!(["user"])));
        let deleted = event(&ada, "ROLE_DELETED", "Mutation.deleteRole", &id).await;
        assert!(deleted["after"].is_null() && deleted["before"].is_object());
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn changes_to_users_are_recorded() {
    each(async |server| {
        let ada = server.admin().await;
        let made = ada.gql("mutation { createUser(input: { username: \"bob\" }) { user { id } } }").await.ok();
        let id = made.at("/data/createUser/user/id").clone();
        for document in [
            format!("updateUser(input: {{ userId: {id}, username: \"robert\" }}) {{ user {{ id }} }}"),
            format!("unlockUser(input: {{ userId: {id} }}) {{ user {{ id }} }}"),
            format!("revokeUserSessions(input: {{ userId: {id} }}) {{ user {{ id }} }}"),
            format!("deleteUser(input: {{ userId: {id} }}) {{ user {{ id }} }}"),
            format!("restoreUser(input: {{ userId: {id} }}) {{ user {{ id }} }}"),
            format!("disableUsers(input: {{ userIds: [{id}] }}) {{ users {{ id }} }}"),
            format!("enableUsers(input: {{ userIds: [{id}] }}) {{ users {{ id }} }}"),
        ] {
            ada.gql(&format!("mutation {{ {document} }}")).await.ok();
        }
        for (action, coordinate, after) in [
            ("USER_CREATED", "Mutation.createUser", Value::Null),
            ("USER_UPDATED", "Mutation.updateUser", Value::Null),
            ("USER_UNLOCKED", "Mutation.unlockUser", Value::Null),
            ("SESSIONS_REVOKED", "Mutation.revokeUserSessions", Value::Null),
            ("USER_DELETION_SCHEDULED", "Mutation.deleteUser", json!("DELETION_SCHEDULED")),
            ("USER_RESTORED", "Mutation.restoreUser", json!("ACTIVE")),
            ("USER_DISABLED", "Mutation.disableUsers", json!("DISABLED")),
            ("USER_ENABLED", "Mutation.enableUsers", json!("ACTIVE")),
        ] {
            let row = event(&ada, action, coordinate, &id).await;
            assert_eq!(row["after"]["state"], after, "{row:#}");
        }
        // The second user does not exist, so neither creates an event.
        let unknown = "01a3185c-5000-7877-88e9-21079067b5bd";
        let both = format!("mutation {{ disableUsers(input: {{ userIds: [{id}, \"{unknown}\"] }}) {{ users {{ id }} }} }}");
        assert_eq!(ada.gql(&both).await.codes(), ["NOT_FOUND"]);
        event(&ada, "USER_DISABLED", "Mutation.disableUsers", &id).await;
        let hash = "pbkdf2_sha256$1000$Zq3saltsaltsalt$oyzaUK+5/jRYw/JP81IP6aYp7mWpUtL+wir2fnW2qzQ=";
        let import = format!("mutation {{ importUsers(input: {{ users: [{{ username: \"eve\", passwordHash: \"{hash}\" }}] }}) {{ users {{ id }} }} }}");
        let eve = ada.gql(&import).await.ok().at("/data/importUsers/users/0/id").clone();
        let imported = event(&ada, "USER_IMPORTED", "Mutation.importUsers", &eve).await;
        assert_eq!(imported["after"], json!({ "state": "ACTIVE", "roleNames": ["user"], "permissionNames": null }));
        // After the purge, only the id stays.
        ada.gql(&format!("mutation {{ deleteUser(input: {{ userId: {eve} }}) {{ user {{ id }} }} }}")).await.ok();
        server.app.accounts().clock.advance(chrono::TimeDelta::days(31));
        server.app.accounts().purge_deleted().await.unwrap();
        let ada = ada.login("ada").await;
        let gone = audit_events(&ada, &format!("action: USER_DELETED, targetId: {eve}")).await;
        assert_eq!(only(&gone)["actorType"], json!("SERVER"));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn tokens_are_recorded_and_named_in_the_events_they_cause() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        ada.gql(&format!("mutation {{ reauthenticate(input: {{ password: \"{PASSWORD}\" }}) {{ session {{ id }} }} }}")).await.ok();
        event(&ada, "REAUTHENTICATED", "Mutation.reauthenticate", &json!(ada.id)).await;
        let document = "mutation { createPersonalAccessToken(input: { name: \"nightly\", permissions: [\"users:read\"] }) { token personalAccessToken { id } } }";
        let made = ada.gql(document).await.ok();
        let id = made.at("/data/createPersonalAccessToken/personalAccessToken/id").clone();
        let created = event(&ada, "PERSONAL_ACCESS_TOKEN_CREATED", "Mutation.createPersonalAccessToken", &id).await;
        assert_eq!(created["after"]["permissionNames"], json!(["users:read"]));
        let script = ada.bearing(made.at("/data/createPersonalAccessToken/token").as_str().unwrap());
        script.gql(&format!("{{ user(id: \"{}\") {{ email }} }}", bob.id)).await.ok();
        let read = audit_events(&ada, &format!("action: PERSONAL_DATA_READ, targetId: \"{}\"", bob.id)).await;
        assert_eq!(only(&read)["personalAccessTokenId"], id);
        assert_eq!((&only(&read)["actorId"], &only(&read)["sessionId"]), (&json!(ada.id), &Value::Null));
        ada.gql(&format!("mutation {{ revokePersonalAccessToken(input: {{ personalAccessTokenId: {id} }}) {{ personalAccessToken {{ id }} }} }}")).await.ok();
        event(&ada, "PERSONAL_ACCESS_TOKEN_REVOKED", "Mutation.revokePersonalAccessToken", &id).await;
        assert_whole(server).await;
    })
    .await;
}

/// A mutation with a denied payload field is rejected before it runs. That is a refused mutation, too.
#[on_each_database]
async fn rejected_mutation_is_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let document = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", ada.id);
        let body = json!({ "query": document, "extensions": { "onDenied": "reject" } });
        assert_eq!(bob.send(&body).await.codes(), ["FORBIDDEN"]);
        let found = audit_events(&ada, "action: MUTATION_REFUSED").await;
        assert_eq!(only(&found)["coordinates"], json!(["Mutation.disableUser"]));
        assert_eq!(only(&found)["targetId"], json!(ada.id));
        // A rejected query has read nothing.
        let query = format!("{{ user(id: \"{}\") {{ email }} admin {{ message }} }}", ada.id);
        bob.send(&json!({ "query": query, "extensions": { "onDenied": "reject" } })).await;
        let found = audit_events(&ada, &format!("action: PERSONAL_DATA_READ, targetId: \"{}\"", ada.id)).await;
        assert_eq!(found, [] as [Value; 0]);
    })
    .await;
}
