//! Who may touch whom: protected accounts only those who hold as much, whatever is done to them.

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

/// All that one can do to another's account, the mildest first, and what came of each.
async fn touch(server: &Server, by: &Actor, user: &Actor, name: &str) -> Vec<Vec<String>> {
    let session = session_of(server, name).await;
    let answers = [
        revoke(by, &session).await,
        set_roles(by, &user.id, &["user"]).await,
        enable(by, &user.id).await,
        issue_reset(by, &user.id).await,
        disable(by, &user.id).await,
    ];
    answers.iter().map(|it| it.codes().iter().map(|code| (*code).to_owned()).collect()).collect()
}

#[on_each_database]
async fn a_support_desk_touches_nobody_who_is_protected() {
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
            assert_eq!(touch(server, &sam, user, name).await, [["FORBIDDEN"]; 5], "{name}");
        }
        assert_eq!(everything(&ada).await, before);
        for actor in [&ada, &eve, &pia] {
            actor.gql("{ me { id } }").await.ok();
        }
        // Everybody else he may.
        let bob = server.user("bob").await;
        assert_eq!(touch(server, &sam, &bob, "bob").await, [[""; 0]; 5]);
        // A disabled one is protected as before.
        disable(&ada, &pia.id).await.ok();
        assert_eq!(enable(&sam, &pia.id).await.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[on_each_database]
async fn who_holds_as_much_touches_the_protected_but_no_administrator() {
    each(async |server| {
        let ada = server.admin().await;
        let more = [&DESK[..], &["audit:read"]].concat();
        made(&ada, json!({ "name": "lead", "permissions": more })).await;
        made(&ada, json!({ "name": "safe", "permissions": ["audit:read"], "isProtected": true })).await;
        made(&ada, json!({ "name": "reader", "permissions": ["roles:read"] })).await;
        let everything = ada.gql("{ permissions { name } }").await.ok();
        let all: Vec<_> = everything.at("/data/permissions").as_array().unwrap().iter().map(|it| &it["name"]).collect();
        made(&ada, json!({ "name": "all", "permissions": all })).await;
        let (lea, max) = (holder(server, &ada, "lea", &["lead"]).await, holder(server, &ada, "max", &["all"]).await);
        let pia = holder(server, &ada, "pia", &["safe"]).await;
        let ian = holder(server, &ada, "ian", &["safe", "reader"]).await;
        assert_eq!(touch(server, &lea, &ian, "ian").await, [["FORBIDDEN"]; 5], "ian may more than she");
        assert_eq!(touch(server, &lea, &pia, "pia").await, [[""; 0]; 5]);
        assert_eq!(touch(server, &lea, &ada, "ada").await, [["FORBIDDEN"]; 5]);
        assert_eq!(
            touch(server, &max, &ada, "ada").await,
            [["FORBIDDEN"]; 5],
            "every permission makes no administrator"
        );
        assert_eq!(touch(server, &max, &ian, "ian").await, [[""; 0]; 5]);
        // Who is protected is for administrators to say.
        let safe = "safe";
        for change in [json!({ "isProtected": false }), json!({ "permissions": [] }), json!({ "description": "x" })] {
            assert_eq!(update(&max, &safe, change.clone()).await.codes(), ["FORBIDDEN"], "{change}");
        }
        assert_eq!(update(&max, "lead", json!({ "isProtected": true })).await.codes(), ["FORBIDDEN"]);
        update(&ada, &safe, json!({ "isProtected": false })).await.ok();
    })
    .await;
}

#[on_each_database]
async fn one_is_as_much_as_oneself() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "safe", "permissions": DESK, "isProtected": true })).await;
        let pia = holder(server, &ada, "pia", &["safe"]).await;
        let session = session_of(server, "pia").await;
        revoke(&pia, &session).await.ok();
        set_roles(&pia, &pia.id, &["safe", "user"]).await.ok();
        assert_eq!(issue_reset(&pia, &pia.id).await.codes(), ["FORBIDDEN"], "one's own password is proved");
        disable(&pia, &pia.id).await.ok();
    })
    .await;
}

#[on_each_database]
async fn a_code_that_resets_a_password_is_void_when_the_account_comes_to_more() {
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

/// What lays an account open to those who could not touch it is for a fresh session, whichever way it is done.
#[on_each_database]
async fn protection_is_not_taken_away_in_a_session_that_is_not_fresh() {
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
