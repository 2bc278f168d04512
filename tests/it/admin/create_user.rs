//! `createUser`: creates a user with a code, with which the user sets the password.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::desk::{DESK, holder, login};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{each, each_with},
};

const NEW_PASSWORD: &str = "a short swim in the lake";

async fn create(actor: &Actor, username: &str, email: Option<&str>) -> Answer {
    let document = "mutation ($input: CreateUserInput!) { createUser(input: $input) \
                    { code expiresAt user { id username email state roles { name } lastSignInAt } } }";
    actor.gql_with(document, json!({ "input": { "username": username, "email": email } })).await
}

async fn reset(actor: &Actor, code: &str) -> Answer {
    let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id } } }";
    actor.gql_with(document, json!({ "input": { "code": code, "newPassword": NEW_PASSWORD } })).await
}

#[on_each_database]
async fn created_user_sets_the_password_with_the_code() {
    let closed = |config: &mut fieldguard::config::Config| {
        config.registration = fieldguard::config::Registration::Closed;
    };
    each_with(closed, async |server| {
        let ada = server.admin().await;
        let made = create(&ada, "Bob", Some("bob@example.org")).await.ok();
        let made = made.at("/data/createUser");
        let expected = json!({
            "id": made["user"]["id"], "username": "Bob", "email": "bob@example.org", "state": "ACTIVE",
            "roles": [{ "name": "user" }], "lastSignInAt": null,
        });
        assert_eq!(made["user"], expected);
        assert_eq!(made["expiresAt"], "2027-01-15T09:00:00+00:00");
        let code = made["code"].as_str().unwrap();
        assert!(code.starts_with("fg_pr_"), "{code}");
        for password in ["", PASSWORD, code] {
            assert_eq!(login(server, "bob", password).await.codes(), ["INVALID_CREDENTIALS"]);
            server.app.accounts().clock.advance(TimeDelta::seconds(5));
        }
        let anonymous = server.anonymous();
        reset(&anonymous, code).await.ok();
        let answer = login(server, "bob", NEW_PASSWORD).await.ok();
        assert_eq!(answer.at("/data/login/user/id"), &made["user"]["id"]);
        assert_eq!(reset(&anonymous, code).await.codes(), ["INVALID_CREDENTIALS"], "the code works once");
        let bob = anonymous.bearing(answer.at("/data/login/accessToken").as_str().unwrap());
        let events = bob.gql("{ me { securityEvents(first: 10) { edges { node { action ipAddress } } } } }").await.ok();
        let expected = json!({ "node": { "action": "PASSWORD_RESET_ISSUED", "ipAddress": null } });
        assert!(events.at("/data/me/securityEvents/edges").as_array().unwrap().contains(&expected), "{events:#?}");
    })
    .await;
}

#[on_each_database]
async fn issue_password_reset_replaces_an_expired_code() {
    each(async |server| {
        let ada = server.admin().await;
        let sam = holder(server, &ada, "desk", DESK).await;
        let made = create(&sam, "bob", None).await.ok();
        let text = |pointer: &str| made.at(pointer).as_str().unwrap().to_owned();
        server.app.accounts().clock.advance(TimeDelta::hours(1));
        let anonymous = server.anonymous();
        assert_eq!(reset(&anonymous, &text("/data/createUser/code")).await.codes(), ["INVALID_CREDENTIALS"]);
        let sam = server.anonymous().login("desk").await;
        let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) { code } }";
        let issued = sam.gql_with(document, json!({ "id": text("/data/createUser/user/id") })).await.ok();
        reset(&anonymous, issued.at("/data/issuePasswordReset/code").as_str().unwrap()).await.ok();
        login(server, "bob", NEW_PASSWORD).await.ok();
    })
    .await;
}

#[on_each_database]
async fn create_user_rejects_invalid_and_taken_names_and_addresses() {
    each(async |server| {
        let (ada, _bob) = (server.admin().await, server.user("bob").await);
        create(&ada, "ann", Some("ann@example.org")).await.ok();
        for (username, email, code, field) in [
            ("BOB", None, "CONFLICT", "username"),
            ("new", Some("Ann@example.org"), "CONFLICT", "email"),
            ("x", None, "BAD_USER_INPUT", "username"),
            ("new", Some("nonsense"), "BAD_USER_INPUT", "email"),
        ] {
            let refused = create(&ada, username, email).await;
            assert_eq!(refused.codes(), [code], "{username} {email:?}");
            assert_eq!(refused.at("/errors/0/extensions/field"), field);
            assert_eq!(refused.at("/data"), &json!({ "createUser": null }));
        }
        create(&ada, "new", None).await.ok();
    })
    .await;
}
