//! The target, the actor, and the state before and after in audit events.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{assert_whole, audit_events, only};
use crate::{
    actor::{Actor, PASSWORD},
    app::each,
};

const NEW: &str = "a short swim in the lake";

/// The single event of this action on this target. Asserts the type of its actor.
async fn event(ada: &Actor, action: &str, actor: &str, target: &Value) -> Value {
    let found = audit_events(ada, &format!("action: {action}, targetId: {target}")).await;
    let row = only(&found).clone();
    assert_eq!(row["actorType"], json!(actor), "{row:#}");
    row
}

fn roles(names: &[&str]) -> Value {
    json!({ "state": null, "roleNames": names, "permissionNames": null })
}

#[on_each_database]
async fn events_of_users_have_state_and_roles_before_and_after() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let made = event(&ada, "USER_CREATED", "OPERATOR", &json!(ada.id)).await;
        assert_eq!((&made["before"], &made["after"]), (&Value::Null, &roles(&["admin", "user"])));
        let registered = event(&ada, "USER_REGISTERED", "USER", &json!(bob.id)).await;
        assert_eq!((&registered["before"], &registered["after"]), (&Value::Null, &roles(&["user"])));
        let eve = ada.gql("mutation { createUser(input: { username: \"eve\" }) { user { id } } }").await.ok();
        let eve = eve.at("/data/createUser/user/id").clone();
        let created = event(&ada, "USER_CREATED", "USER", &eve).await;
        assert_eq!((&created["before"], &created["after"]), (&Value::Null, &roles(&["user"])));
        ada.gql(&format!(
            "mutation {{ updateUser(input: {{ userId: {eve}, username: \"eva\" }}) {{ user {{ id }} }} }}"
        ))
        .await
        .ok();
        assert_eq!(event(&ada, "USER_UPDATED", "USER", &eve).await["reason"], json!("username"));
        ada.gql(&format!("mutation {{ deleteUser(input: {{ userId: {eve} }}) {{ user {{ id }} }} }}")).await.ok();
        ada.gql(&format!("mutation {{ restoreUser(input: {{ userId: {eve} }}) {{ user {{ id }} }} }}")).await.ok();
        for (action, before, after) in [
            ("USER_DELETION_SCHEDULED", "ACTIVE", "DELETION_SCHEDULED"),
            ("USER_RESTORED", "DELETION_SCHEDULED", "ACTIVE"),
        ] {
            let row = event(&ada, action, "USER", &eve).await;
            assert_eq!((&row["before"]["state"], &row["after"]["state"]), (&json!(before), &json!(after)));
        }
        bob.gql(&format!("mutation {{ deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }} }}"))
            .await
            .ok();
        let deleted = event(&ada, "USER_DELETED", "USER", &json!(bob.id)).await;
        assert_eq!((&deleted["before"], &deleted["after"]), (&roles(&["user"]), &Value::Null));
        assert_eq!(deleted["actorId"], json!(bob.id));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn events_of_passwords_and_sessions_name_their_target() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let id = json!(bob.id);
        bob.gql("mutation { updateProfile(input: { email: \"bob@example.org\" }) { user { id } } }").await.ok();
        event(&ada, "USER_UPDATED", "USER", &id).await;
        let change = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { user { id } } }";
        let wrong = json!({ "input": { "currentPassword": "quite another one", "newPassword": NEW } });
        assert_eq!(bob.gql_with(change, wrong).await.codes(), ["INVALID_CREDENTIALS"]);
        event(&ada, "REAUTHENTICATION_FAILED", "USER", &id).await;
        server.wait_out_a_failure();
        let right = json!({ "input": { "currentPassword": PASSWORD, "newPassword": NEW } });
        bob.gql_with(change, right).await.ok();
        event(&ada, "PASSWORD_CHANGED", "USER", &id).await;
        bob.gql("mutation { logoutEverywhere(input: { keepCurrent: true }) { sessionsRevoked } }").await.ok();
        event(&ada, "SESSIONS_REVOKED", "USER", &id).await;

        // Sign out with the access token, with the refresh token, and by session id.
        let login =
            "mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken session { id } } }";
        let input = json!({ "input": { "username": "bob", "password": NEW } });
        for way in ["bearer", "token", "id"] {
            let answer = bob.signed_out().gql_with(login, input.clone()).await.ok();
            let session = answer.at("/data/login/session/id").clone();
            let signed_in = bob.bearing(answer.at("/data/login/accessToken").as_str().unwrap());
            let refresh = answer.at("/data/login/refreshToken");
            let ended = match way {
                "bearer" => signed_in.gql("mutation { logout { session { id } } }").await,
                "token" => {
                    let document =
                        format!("mutation {{ logout(input: {{ refreshToken: {refresh} }}) {{ session {{ id }} }} }}");
                    bob.signed_out().gql(&document).await
                }
                _ => {
                    bob.gql(&format!(
                        "mutation {{ revokeSession(input: {{ sessionId: {session} }}) {{ sessionsRevoked }} }}"
                    ))
                    .await
                }
            };
            ended.ok();
            let found = audit_events(&ada, &format!("action: SESSION_REVOKED, targetId: {session}")).await;
            assert_eq!(only(&found)["targetType"], json!("SESSION"), "{way}");
        }

        let issue = format!("mutation {{ issuePasswordReset(input: {{ userId: {id} }}) {{ code }} }}");
        let code = ada.gql(&issue).await.ok().at("/data/issuePasswordReset/code").clone();
        let issued = event(&ada, "PASSWORD_RESET_ISSUED", "USER", &id).await;
        assert_eq!(
            (&issued["actorId"], &issued["coordinates"]),
            (&json!(ada.id), &json!(["Mutation.issuePasswordReset"]))
        );
        let reset = format!(
            "mutation {{ resetPassword(input: {{ code: {code}, newPassword: \"{NEW} again\" }}) {{ user {{ id }} }} }}"
        );
        server.anonymous().gql(&reset).await.ok();
        let done = event(&ada, "PASSWORD_RESET", "ANONYMOUS", &id).await;
        assert_eq!(done["coordinates"], json!(["Mutation.resetPassword"]));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn key_rotation_is_recorded_with_the_key() {
    each(async |server| {
        let ada = server.admin().await;
        let found = audit_events(&ada, "action: KEY_ROTATED").await;
        let row = only(&found);
        assert_eq!((&row["actorType"], &row["targetType"]), (&json!("SERVER"), &json!("KEY")));
        assert!(row["targetId"].is_string());
    })
    .await;
}
