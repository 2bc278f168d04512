//! How tokens end: with their time, taken back, with their account.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{ask, create, is_good, list, revoke, script, wait};
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
async fn with_its_time_to_the_millisecond_however_warm() {
    each(async |server| {
        let bob = server.user("bob").await;
        let asked = json!({ "name": "a", "permissions": [], "expiresAt": "2027-01-15T08:00:00.500Z" });
        let answer = ask(&bob, asked).await.ok();
        let script = bob.bearing(answer.at("/data/createPersonalAccessToken/token").as_str().unwrap());
        wait(server, TimeDelta::milliseconds(499));
        assert!(is_good(&script).await);
        wait(server, TimeDelta::milliseconds(1));
        assert!(!is_good(&script).await);
        assert_eq!(list(&bob).await[0]["isExpired"], true, "it is listed, so that its owner sees why");
        revoke(&bob, list(&bob).await[0]["id"].as_str().unwrap()).await.ok();
        assert_eq!(list(&bob).await, Vec::<Value>::new());
    })
    .await;
}

#[on_each_database]
async fn what_is_no_token_is_refused_as_a_whole() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (made, other) = (create(&bob, &[]).await, create(&bob, &[]).await);
        let revoked = bob.bearing(&other.token);
        revoke(&bob, &other.id).await.ok();
        let refusal = revoked.gql("{ serverInfo { version } }").await;
        assert_eq!((refusal.status.as_u16(), refusal.codes()), (401, vec!["UNAUTHENTICATED"]));
        let swapped = format!("{}{}", &made.token[..71], &other.token[71..]);
        let spliced = format!("{}{}", &made.token[..40], &other.token[40..]);
        let long = format!("fg_pat_{}", "A".repeat(4_000));
        for text in [&made.token[..78], &swapped, &spliced, &made.token.to_uppercase(), "fg_pat_", &long] {
            let answer = bob.bearing(text).gql("{ serverInfo { version } }").await;
            assert_eq!((answer.status, &answer.text), (refusal.status, &refusal.text), "{text:.90}");
        }
        assert!(is_good(&bob.bearing(&made.token)).await);
    })
    .await;
}

#[on_each_database]
async fn by_its_owner_at_once() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (made, other) = (create(&bob, &[]).await, script(&bob, &[]).await);
        let script = bob.bearing(&made.token);
        wait(server, TimeDelta::seconds(1));
        assert!(is_good(&script).await);
        let answer = revoke(&bob, &made.id).await.ok();
        assert_eq!(answer.at("/data/revokePersonalAccessToken/personalAccessToken/id"), made.id.as_str());
        assert!(!is_good(&script).await, "though it was remembered");
        assert!(is_good(&other).await);
        assert_eq!(sessions::events(&bob).await[0], "PERSONAL_ACCESS_TOKEN_REVOKED");
        assert_eq!(revoke(&bob, &made.id).await.codes(), ["NOT_FOUND"]);
    })
    .await;
}

#[on_each_database]
async fn by_others_who_may_end_sessions_and_nobody_else() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let (made, admins) = (create(&bob, &[]).await, create(&ada, &[]).await);
        let eve = server.user("eve").await;
        let unknown = revoke(&eve, "0190a000-0000-7000-8000-000000000001").await;
        assert_eq!(unknown.codes(), ["NOT_FOUND"]);
        assert_eq!(revoke(&eve, &made.id).await.text, unknown.text, "another's token is nobody's");
        assert_eq!(revoke(&eve, "no id").await.text, unknown.text);
        let sam = support(server, &ada).await;
        crate::admin::execute(
            server,
            "UPDATE role_permissions SET permission = 'sessions:revoke' WHERE permission = 'users:write'",
        )
        .await;
        wait(server, TimeDelta::seconds(1));
        assert_eq!(revoke(&sam, &admins.id).await.codes(), ["FORBIDDEN"], "an administrator's");
        assert!(is_good(&ada.bearing(&admins.token)).await);
        revoke(&sam, &made.id).await.ok();
        assert!(!is_good(&bob.bearing(&made.token)).await);
    })
    .await;
}

#[on_each_database]
async fn with_its_account() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let script = script(&bob, &[]).await;
        assert!(is_good(&script).await);
        run(&bob, &format!("deleteAccount(input: {{ password: \"{PASSWORD}\" }})")).await;
        assert!(!is_good(&script).await);
        let again = server.user("bob").await;
        assert!(!is_good(&script).await && list(&again).await.is_empty(), "a namesake is another");

        let script = super::script(&again, &[]).await;
        run(&ada, &format!("disableUser(input: {{ userId: \"{}\" }})", again.id)).await;
        assert!(!is_good(&script).await);
        run(&ada, &format!("enableUser(input: {{ userId: \"{}\" }})", again.id)).await;
        assert!(!is_good(&script).await, "what was before the account was disabled stays over");
    })
    .await;
}

#[on_each_database]
async fn with_a_reset_of_the_password_but_not_with_a_change_of_it() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let script = script(&bob, &[]).await;
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "a short swim in the lake" });
        let change = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked } }";
        bob.gql_with(change, json!({ "input": input })).await.ok();
        assert!(is_good(&script).await);
        run(&bob, "logoutEverywhere").await;
        assert!(is_good(&script).await, "a token is no session");
        run(&ada, &format!("issuePasswordReset(input: {{ userId: \"{}\" }})", bob.id)).await;
        assert!(!is_good(&script).await, "the account may be in foreign hands");
        assert!(list(&ada).await.is_empty());
    })
    .await;
}

/// Whoever makes a token while the account is being disabled must not have one left.
async fn race(server: &Server, ada: &Actor, bob: &Actor) -> Option<Actor> {
    let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ effectiveAt }} }}", bob.id);
    let (made, disabled) = tokio::join!(ask(bob, json!({ "name": "a", "permissions": [] })), ada.gql(&disable));
    disabled.ok();
    run(ada, &format!("enableUser(input: {{ userId: \"{}\" }})", bob.id)).await;
    let token = made.at("/data/createPersonalAccessToken/token").as_str()?;
    let script = server.anonymous().bearing(token);
    assert!(!is_good(&script).await, "a token outlived the disabling of its account");
    Some(script)
}

#[on_each_database(flavor = "multi_thread")]
async fn none_is_made_past_the_end() {
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
