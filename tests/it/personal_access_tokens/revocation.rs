//! How personal access tokens expire and are revoked.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{advance, ask, create, is_accepted, list, revoke, script};
use crate::{
    actor::{Actor, PASSWORD},
    admin::{set_roles, support},
    app::{Server, each},
    sessions,
};

async fn run(actor: &Actor, mutation: &str) {
    actor.gql(&format!("mutation {{ {mutation} {{ effectiveAt }} }}")).await.ok();
}

#[on_each_database]
async fn token_expires_to_the_millisecond_even_when_cached() {
    each(async |server| {
        let bob = server.user("bob").await;
        let asked = json!({ "name": "a", "permissions": [], "expiresAt": "2027-01-15T08:00:00.500Z" });
        let answer = ask(&bob, asked).await.ok();
        let script = bob.bearing(answer.at("/data/createPersonalAccessToken/token").as_str().unwrap());
        advance(server, TimeDelta::milliseconds(499));
        assert!(is_accepted(&script).await);
        advance(server, TimeDelta::milliseconds(1));
        assert!(!is_accepted(&script).await);
        assert_eq!(list(&bob).await[0]["isExpired"], true, "expired tokens stay listed");
        revoke(&bob, list(&bob).await[0]["id"].as_str().unwrap()).await.ok();
        assert_eq!(list(&bob).await, Vec::<Value>::new());
    })
    .await;
}

#[on_each_database]
async fn invalid_token_fails_the_whole_request() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (created, other) = (create(&bob, &[]).await, create(&bob, &[]).await);
        let revoked = bob.bearing(&other.token);
        revoke(&bob, &other.id).await.ok();
        let refusal = revoked.gql("{ serverInfo { version } }").await;
        assert_eq!((refusal.status.as_u16(), refusal.codes()), (401, vec!["UNAUTHENTICATED"]));
        let swapped = format!("{}{}", &created.token[..71], &other.token[71..]);
        let spliced = format!("{}{}", &created.token[..40], &other.token[40..]);
        let long = format!("fg_pat_{}", "A".repeat(4_000));
        for text in [&created.token[..78], &swapped, &spliced, &created.token.to_uppercase(), "fg_pat_", &long] {
            let answer = bob.bearing(text).gql("{ serverInfo { version } }").await;
            assert_eq!((answer.status, &answer.text), (refusal.status, &refusal.text), "{text:.90}");
        }
        assert!(is_accepted(&bob.bearing(&created.token)).await);
    })
    .await;
}

#[on_each_database]
async fn owner_revokes_a_token_immediately() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (created, other) = (create(&bob, &[]).await, script(&bob, &[]).await);
        let script = bob.bearing(&created.token);
        advance(server, TimeDelta::seconds(1));
        assert!(is_accepted(&script).await);
        let answer = revoke(&bob, &created.id).await.ok();
        assert_eq!(answer.at("/data/revokePersonalAccessToken/personalAccessToken/id"), created.id.as_str());
        assert!(!is_accepted(&script).await, "revoked although it was cached");
        assert!(is_accepted(&other).await);
        assert_eq!(sessions::events(&bob).await[0], "PERSONAL_ACCESS_TOKEN_REVOKED");
        assert_eq!(revoke(&bob, &created.id).await.codes(), ["NOT_FOUND"]);
    })
    .await;
}

#[on_each_database]
async fn revoking_tokens_of_other_users_requires_sessions_revoke() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let (created, admins) = (create(&bob, &[]).await, create(&ada, &[]).await);
        let eve = server.user("eve").await;
        let unknown = revoke(&eve, "0190a000-0000-7000-8000-000000000001").await;
        assert_eq!(unknown.codes(), ["NOT_FOUND"]);
        assert_eq!(revoke(&eve, &created.id).await.text, unknown.text, "a token of another user looks unknown");
        assert_eq!(revoke(&eve, "no id").await.text, unknown.text);
        let sam = support(server, &ada).await;
        crate::admin::execute(
            server,
            "UPDATE role_permissions SET permission = 'sessions:revoke' WHERE permission = 'users:write'",
        )
        .await;
        advance(server, TimeDelta::seconds(1));
        assert_eq!(revoke(&sam, &admins.id).await.codes(), ["FORBIDDEN"], "the token of an administrator");
        assert!(is_accepted(&ada.bearing(&admins.token)).await);
        revoke(&sam, &created.id).await.ok();
        assert!(!is_accepted(&bob.bearing(&created.token)).await);
    })
    .await;
}

#[on_each_database]
async fn deleting_or_disabling_a_user_revokes_their_tokens() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let script = script(&bob, &[]).await;
        assert!(is_accepted(&script).await);
        run(&bob, &format!("deleteAccount(input: {{ password: \"{PASSWORD}\" }})")).await;
        assert!(!is_accepted(&script).await);
        let again = server.user("bob").await;
        assert!(!is_accepted(&script).await && list(&again).await.is_empty(), "a new user with the same name");

        let script = super::script(&again, &[]).await;
        run(&ada, &format!("disableUser(input: {{ userId: \"{}\" }})", again.id)).await;
        assert!(!is_accepted(&script).await);
        run(&ada, &format!("enableUser(input: {{ userId: \"{}\" }})", again.id)).await;
        assert!(!is_accepted(&script).await, "enabling does not restore tokens");
    })
    .await;
}

#[on_each_database]
async fn password_reset_revokes_tokens_and_password_change_does_not() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let script = script(&bob, &[]).await;
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "a short swim in the lake" });
        let change = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked } }";
        bob.gql_with(change, json!({ "input": input })).await.ok();
        assert!(is_accepted(&script).await);
        run(&bob, "logoutEverywhere").await;
        assert!(is_accepted(&script).await, "signing out does not revoke tokens");
        run(&ada, &format!("issuePasswordReset(input: {{ userId: \"{}\" }})", bob.id)).await;
        assert!(!is_accepted(&script).await, "a password reset revokes tokens");
        assert!(list(&ada).await.is_empty());
    })
    .await;
}

/// A token that is created while the user is being disabled must not stay valid.
async fn race(server: &Server, ada: &Actor, bob: &Actor) -> Option<Actor> {
    let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ effectiveAt }} }}", bob.id);
    let (created, disabled) = tokio::join!(ask(bob, json!({ "name": "a", "permissions": [] })), ada.gql(&disable));
    disabled.ok();
    run(ada, &format!("enableUser(input: {{ userId: \"{}\" }})", bob.id)).await;
    let token = created.at("/data/createPersonalAccessToken/token").as_str()?;
    let script = server.anonymous().bearing(token);
    assert!(!is_accepted(&script).await, "the token of a disabled user is valid");
    Some(script)
}

#[on_each_database(flavor = "multi_thread")]
async fn token_created_while_the_user_is_disabled_is_revoked() {
    each(async |server| {
        let ada = server.admin().await;
        server.user("bob").await;
        for _ in 0..20 {
            let bob = server.anonymous().login("bob").await;
            race(server, &ada, &bob).await;
            set_roles(&ada, &bob.id, &["user"]).await.ok();
        }
    })
    .await;
}
