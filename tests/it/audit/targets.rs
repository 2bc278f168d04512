//! On what each change was done, by whom, and how it stood before and after.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{assert_whole, only, rows};
use crate::{
    actor::{Actor, PASSWORD},
    app::each,
};

const NEW: &str = "a short swim in the lake";

/// The only row of that action, done by such an actor on that target.
async fn row(ada: &Actor, action: &str, actor: &str, target: &Value) -> Value {
    let found = rows(ada, &format!("action: {action}, targetId: {target}")).await;
    let row = only(&found).clone();
    assert_eq!(row["actorType"], json!(actor), "{row:#}");
    row
}

fn roles(names: &[&str]) -> Value {
    json!({ "state": null, "roleNames": names, "permissionNames": null })
}

#[on_each_database]
async fn accounts_say_which_roles_they_came_with_and_left_with() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let made = row(&ada, "USER_CREATED", "OPERATOR", &json!(ada.id)).await;
        assert_eq!((&made["before"], &made["after"]), (&Value::Null, &roles(&["admin", "user"])));
        let registered = row(&ada, "USER_REGISTERED", "USER", &json!(bob.id)).await;
        assert_eq!((&registered["before"], &registered["after"]), (&Value::Null, &roles(&["user"])));
        let eve = ada.gql("mutation { createUser(input: { username: \"eve\" }) { user { id } } }").await.ok();
        let eve = eve.at("/data/createUser/user/id").clone();
        let created = row(&ada, "USER_CREATED", "USER", &eve).await;
        assert_eq!((&created["before"], &created["after"]), (&Value::Null, &roles(&["user"])));
        ada.gql(&format!(
            "mutation {{ updateUser(input: {{ userId: {eve}, username: \"eva\" }}) {{ user {{ id }} }} }}"
        ))
        .await
        .ok();
        assert_eq!(row(&ada, "USER_UPDATED", "USER", &eve).await["reason"], json!("username"));
        ada.gql(&format!("mutation {{ deleteUser(input: {{ userId: {eve} }}) {{ user {{ id }} }} }}")).await.ok();
        ada.gql(&format!("mutation {{ restoreUser(input: {{ userId: {eve} }}) {{ user {{ id }} }} }}")).await.ok();
        for (action, before, after) in [
            ("USER_DELETION_SCHEDULED", "ACTIVE", "DELETION_SCHEDULED"),
            ("USER_RESTORED", "DELETION_SCHEDULED", "ACTIVE"),
        ] {
            let row = row(&ada, action, "USER", &eve).await;
            assert_eq!((&row["before"]["state"], &row["after"]["state"]), (&json!(before), &json!(after)));
        }
        bob.gql(&format!("mutation {{ deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }} }}"))
            .await
            .ok();
        let deleted = row(&ada, "USER_DELETED", "USER", &json!(bob.id)).await;
        assert_eq!((&deleted["before"], &deleted["after"]), (&roles(&["user"]), &Value::Null));
        assert_eq!(deleted["actorId"], json!(bob.id));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn passwords_and_sessions_say_whose_they_are() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let id = json!(bob.id);
        bob.gql("mutation { updateProfile(input: { email: \"bob@example.org\" }) { user { id } } }").await.ok();
        row(&ada, "USER_UPDATED", "USER", &id).await;
        let change = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { user { id } } }";
        let wrong = json!({ "input": { "currentPassword": "quite another one", "newPassword": NEW } });
        assert_eq!(bob.gql_with(change, wrong).await.codes(), ["INVALID_CREDENTIALS"]);
        row(&ada, "REAUTHENTICATION_FAILED", "USER", &id).await;
        server.wait_out_a_failure();
        let right = json!({ "input": { "currentPassword": PASSWORD, "newPassword": NEW } });
        bob.gql_with(change, right).await.ok();
        row(&ada, "PASSWORD_CHANGED", "USER", &id).await;
        bob.gql("mutation { logoutEverywhere(input: { keepCurrent: true }) { sessionsRevoked } }").await.ok();
        row(&ada, "SESSIONS_REVOKED", "USER", &id).await;

        // By a session of one's own, by the token that keeps it, and by the id of another.
        let login =
            "mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken session { id } } }";
        let input = json!({ "input": { "username": "bob", "password": NEW } });
        for way in ["bearer", "token", "id"] {
            let answer = bob.signed_out().gql_with(login, input.clone()).await.ok();
            let session = answer.at("/data/login/session/id").clone();
            let there = bob.bearing(answer.at("/data/login/accessToken").as_str().unwrap());
            let refresh = answer.at("/data/login/refreshToken");
            let ended = match way {
                "bearer" => there.gql("mutation { logout { session { id } } }").await,
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
            let found = rows(&ada, &format!("action: SESSION_REVOKED, targetId: {session}")).await;
            assert_eq!(only(&found)["targetType"], json!("SESSION"), "{way}");
        }

        let issue = format!("mutation {{ issuePasswordReset(input: {{ userId: {id} }}) {{ code }} }}");
        let code = ada.gql(&issue).await.ok().at("/data/issuePasswordReset/code").clone();
        let issued = row(&ada, "PASSWORD_RESET_ISSUED", "USER", &id).await;
        assert_eq!(
            (&issued["actorId"], &issued["coordinates"]),
            (&json!(ada.id), &json!(["Mutation.issuePasswordReset"]))
        );
        let reset = format!(
            "mutation {{ resetPassword(input: {{ code: {code}, newPassword: \"{NEW} again\" }}) {{ user {{ id }} }} }}"
        );
        server.anonymous().gql(&reset).await.ok();
        let done = row(&ada, "PASSWORD_RESET", "ANONYMOUS", &id).await;
        assert_eq!(done["coordinates"], json!(["Mutation.resetPassword"]));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn a_key_is_named() {
    each(async |server| {
        let ada = server.admin().await;
        let found = rows(&ada, "action: KEY_ROTATED").await;
        let row = only(&found);
        assert_eq!((&row["actorType"], &row["targetType"]), (&json!("SERVER"), &json!("KEY")));
        assert!(row["targetId"].is_string());
    })
    .await;
}
