//! Addresses that an administrator or another system verified.

use chrono::TimeDelta;
use fieldguard::domain::mail::MailKind::PasswordReset;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{email_of, mails, registered, request_reset, run, summary, verified};
use crate::{
    actor::{Actor, Answer},
    admin::{administrator, set_roles},
    app::each,
    roles::create,
};

async fn vouch(admin: &Actor, user: &str, email: &str) -> Answer {
    let document = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { emailVerified } } }";
    let input = json!({ "input": { "userId": user, "email": email, "emailVerified": true } });
    admin.gql_with(document, input).await
}

#[on_each_database]
async fn an_administrator_vouches_for_an_address() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let answer = vouch(&ada, &bob.id, "bob@example.org").await.ok();
        assert_eq!(answer.at("/data/updateUser/user/emailVerified"), true);
        assert!(mails(server).await.is_empty(), "there is nothing to verify");
        request_reset(&server.anonymous(), "bob@example.org").await.ok();
        assert_eq!(summary(&mails(server).await), [(PasswordReset, "bob@example.org")]);
        let withdrawn =
            format!("updateUser(input: {{ userId: \"{}\", emailVerified: false }}) {{ user {{ id }} }}", bob.id);
        run(&ada, &withdrawn).await.ok();
        assert_eq!(email_of(server, &bob.id).await.1, false);
    })
    .await;
}

/// With a verified address comes the password.
#[on_each_database]
async fn vouching_needs_what_a_password_reset_needs() {
    each(async |server| {
        let ada = server.admin().await;
        let desk = json!({ "name": "desk", "description": "Helps.", "permissions": ["users:read", "users:write"] });
        create(&ada, desk).await.ok();
        let (eve, boss) = (server.user("eve").await, administrator(server, "boss").await);
        set_roles(&ada, &eve.id, &["user", "desk"]).await.ok();
        let eve = server.anonymous().login("eve").await;
        let bob = registered(server, "bob").await;
        assert_eq!(vouch(&eve, &boss.id, "eve2@example.org").await.codes(), ["FORBIDDEN"], "greater permissions");
        assert_eq!(vouch(&eve, &eve.id, "eve2@example.org").await.codes(), ["FORBIDDEN"], "their own");
        vouch(&eve, &bob.id, "bob@example.org").await.ok();
        server.app.accounts().clock.advance(TimeDelta::minutes(6));
        let stale = vouch(&eve, &bob.id, "bob@example.org").await;
        assert_eq!(stale.at("/errors/0/extensions/reason"), "REAUTHENTICATION_REQUIRED");
        assert_eq!(email_of(server, &boss.id).await, (Value::Null, json!(false)));
    })
    .await;
}

#[on_each_database]
async fn imports_keep_whether_an_address_is_verified() {
    each(async |server| {
        let ada = server.admin().await;
        let document = "mutation ($input: ImportUsersInput!) { importUsers(input: $input) { users { id emailVerified } } }";
        let user = |name: &str, verified: bool| {
            json!({ "username": name, "email": format!("{name}@example.org"), "emailVerified": verified })
        };
        let users = [user("bob", true), user("carol", false), json!({ "username": "dan", "emailVerified": true })];
        let answer = ada.gql_with(document, json!({ "input": { "users": users } })).await.ok();
        let found = answer.at("/data/importUsers/users").as_array().unwrap();
        let found: Vec<_> = found.iter().map(|user| user["emailVerified"].as_bool().unwrap()).collect();
        assert_eq!(found, [true, false, false], "no address, nothing verified");
        assert!(mails(server).await.is_empty());
        verified(server, "eve").await;
    })
    .await;
}
