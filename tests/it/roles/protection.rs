//! Protected users: only callers with every permission of a protected user can change them.

use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{everything, holder, made, update};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    admin::{disable, enable, set_roles},
    app::{Server, each},
};

const DESK: [&str; 4] = ["users:read", "users:write", "sessions:revoke", "roles:assign"];

async fn issue_reset(actor: &Actor, user: &str) -> Answer {
    actor
        .gql_with("mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }", json!({ "id": user }))
        .await
}

async fn revoke(actor: &Actor, session: &Value) -> Answer {
    actor
        .gql_with(
            "mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { sessionsRevoked } }",
            json!({ "id": session }),
        )
        .await
}

async fn session_of(server: &Server, name: &str) -> Value {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { session { id } } }";
    let input = json!({ "input": { "username": name, "password": PASSWORD } });
    server.anonymous().gql_with(document, input).await.ok().at("/data/login/session/id").clone()
}

/// Runs every operation on another user, the mildest first. Returns the error codes of each.
async fn run_operations(server: &Server, by: &Actor, user: &Actor, name: &str) -> Vec<Vec<String>> {
    let session = session_of(server, name).await;
    let answers = [
        revoke(by, &session).await,
        set_roles(by, &user.id, &["user"]).await,
        enable(by, &user.id).await,
        issue_reset(by, &user.id).await,
        disable(by, &user.id).await,
    ];
    answers.iter().map(|answer| answer.codes().iter().map(|code| (*code).to_owned()).collect()).collect()
}

#[on_each_database]
async fn support_role_cannot_change_protected_users() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "desk", "permissions": DESK })).await;
        made(&ada, json!({ "name": "safe", "permissions": ["audit:read"], "isProtected": true })).await;
        made(&ada, json!({ "name": "safer", "includes": ["safe"] })).await;
        made(&ada, json!({ "name": "safest", "includes": ["safer"] })).await;
        let sam = holder(server, &ada, "sam", &["desk"]).await;
        let eve = crate::admin::administrator(server, "eve").await;
        let (pia, ian) =
            (holder(server, &ada, "pia", &["safe"]).await, holder(server, &ada, "ian", &["user", "safest"]).await);
        disable(&ada, &ian.id).await.ok();
        enable(&ada, &ian.id).await.ok();
        let before = everything(&ada).await;
        for (user, name) in [(&ada, "ada"), (&eve, "eve"), (&pia, "pia"), (&ian, "ian")] {
            assert_eq!(run_operations(server, &sam, user, name).await, [["FORBIDDEN"]; 5], "{name}");
        }
        assert_eq!(everything(&ada).await, before);
        for actor in [&ada, &eve, &pia] {
            actor.gql("{ me { id } }").await.ok();
        }
        // Users who are not protected can be changed.
        let bob = server.user("bob").await;
        assert_eq!(run_operations(server, &sam, &bob, "bob").await, [[""; 0]; 5]);
        // A disabled user is protected as well.
        disable(&ada, &pia.id).await.ok();
        assert_eq!(enable(&sam, &pia.id).await.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[on_each_database]
async fn equal_permissions_allow_changing_protected_users_but_not_administrators() {
    each(async |server| {
        let ada = server.admin().await;
        let more = [&DESK[..], &["audit:read"]].concat();
        made(&ada, json!({ "name": "lead", "permissions": more })).await;
        made(&ada, json!({ "name": "safe", "permissions": ["audit:read"], "isProtected": true })).await;
        made(&ada, json!({ "name": "reader", "permissions": ["roles:read"] })).await;
        let everything = ada.gql("{ permissions { name } }").await.ok();
        let all: Vec<_> = everything
            .at("/data/permissions")
            .as_array()
            .unwrap()
            .iter()
            .map(|permission| &permission["name"])
            .collect();
        made(&ada, json!({ "name": "all", "permissions": all })).await;
        let (lea, max) = (holder(server, &ada, "lea", &["lead"]).await, holder(server, &ada, "max", &["all"]).await);
        let pia = holder(server, &ada, "pia", &["safe"]).await;
        let ian = holder(server, &ada, "ian", &["safe", "reader"]).await;
        assert_eq!(
            run_operations(server, &lea, &ian, "ian").await,
            [["FORBIDDEN"]; 5],
            "ian has a permission that lea lacks"
        );
        assert_eq!(run_operations(server, &lea, &pia, "pia").await, [[""; 0]; 5]);
        assert_eq!(run_operations(server, &lea, &ada, "ada").await, [["FORBIDDEN"]; 5]);
        assert_eq!(
            run_operations(server, &max, &ada, "ada").await,
            [["FORBIDDEN"]; 5],
            "having every permission is not being an administrator"
        );
        assert_eq!(run_operations(server, &max, &ian, "ian").await, [[""; 0]; 5]);
        // Only administrators decide which users are protected.
        let safe = "safe";
        for change in [json!({ "isProtected": false }), json!({ "permissions": [] }), json!({ "description": "x" })] {
            assert_eq!(update(&max, safe, change.clone()).await.codes(), ["FORBIDDEN"], "{change}");
        }
        assert_eq!(update(&max, "lead", json!({ "isProtected": true })).await.codes(), ["FORBIDDEN"]);
        update(&ada, safe, json!({ "isProtected": false })).await.ok();
    })
    .await;
}

#[on_each_database]
async fn protected_users_can_change_their_own_account() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "safe", "permissions": DESK, "isProtected": true })).await;
        let pia = holder(server, &ada, "pia", &["safe"]).await;
        let session = session_of(server, "pia").await;
        revoke(&pia, &session).await.ok();
        set_roles(&pia, &pia.id, &["safe", "user"]).await.ok();
        assert_eq!(issue_reset(&pia, &pia.id).await.codes(), ["FORBIDDEN"], "callers can't reset their own password");
        disable(&pia, &pia.id).await.ok();
    })
    .await;
}

#[on_each_database]
async fn reset_code_is_revoked_when_the_user_gains_permissions() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "desk", "permissions": DESK })).await;
        let low = made(&ada, json!({ "name": "low" })).await;
        made(&ada, json!({ "name": "mid", "includes": ["low"] })).await;
        let (sam, bob) = (holder(server, &ada, "sam", &["desk"]).await, holder(server, &ada, "bob", &["mid"]).await);
        let code = issue_reset(&sam, &bob.id).await.ok().at("/data/issuePasswordReset/code").clone();
        update(&ada, &low, json!({ "permissions": ["audit:read"] })).await.ok();
        let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id } } }";
        let input = json!({ "input": { "code": code, "newPassword": "a short swim in the lake" } });
        assert_eq!(server.anonymous().gql_with(document, input).await.codes(), ["INVALID_CREDENTIALS"]);
    })
    .await;
}

/// Every way to remove protection requires recent authentication.
#[on_each_database]
async fn removing_protection_requires_reauthentication() {
    each(async |server| {
        let ada = server.admin().await;
        let safe = made(&ada, json!({ "name": "safe", "permissions": ["audit:read"], "isProtected": true })).await;
        let desk = made(&ada, json!({ "name": "desk", "permissions": ["users:read"] })).await;
        let pia = holder(server, &ada, "pia", &["safe", "desk"]).await;
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(6));
        let delete = async |role: &str| {
            let document = "mutation ($role: String!) { deleteRole(input: { role: $role }) { sessionsAffected } }";
            ada.gql_with(document, json!({ "role": role })).await
        };
        for answer in [
            update(&ada, &safe, json!({ "isProtected": false })).await,
            delete(&safe).await,
            set_roles(&ada, &pia.id, &["desk"]).await,
        ] {
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{}", answer.text);
            assert_eq!(answer.at("/errors/0/extensions/reason"), &json!("REAUTHENTICATION_REQUIRED"));
        }
        set_roles(&ada, &pia.id, &["safe"]).await.ok();
        delete(&desk).await.ok();
        let ada = ada.login("ada").await;
        let document = "mutation ($role: String!) { deleteRole(input: { role: $role }) { sessionsAffected } }";
        ada.gql_with(document, json!({ "role": safe })).await.ok();
    })
    .await;
}
