//! Step-up: what can do lasting harm asks for a session in which the password was given a short while ago.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{access_token, events, login, refresh, refresh_token};
use crate::{
    access_tokens::script,
    actor::{Actor, Answer, PASSWORD},
    admin::{administrator, set_roles},
    app::{Server, each},
    roles::{create, made, update},
};

const CREATE_TOKEN: &str =
    "createPersonalAccessToken(input: { name: \"CI\", permissions: [] }) { personalAccessToken { id } }";
const CHANGE_EMAIL: &str = "updateProfile(input: { email: \"bob@example.org\" }) { user { email } }";

async fn run(actor: &Actor, mutation: &str) -> Answer {
    actor.gql(&format!("mutation {{ {mutation} }}")).await
}

async fn delete_account(actor: &Actor) -> Answer {
    run(actor, &format!("deleteAccount(input: {{ password: \"{PASSWORD}\" }}) {{ userId }}")).await
}

async fn reauthenticate(actor: &Actor, password: &str) -> Answer {
    let document = "mutation ($password: String!) { reauthenticate(input: { password: $password }) \
                    { session { id freshUntil isCurrent } effectiveAt } }";
    actor.gql_with(document, json!({ "password": password })).await
}

#[track_caller]
fn asks_for_the_password(answer: &Answer) {
    assert_eq!(answer.codes(), ["FORBIDDEN"], "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/requires"), &json!({ "fresh": true }), "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/reason"), "REAUTHENTICATION_REQUIRED", "{answer:#?}");
    let message = answer.at("/errors/0/message").as_str().unwrap();
    assert!(message.contains("`reauthenticate`"), "{message}");
}

fn wait(server: &Server, milliseconds: i64) {
    server.app.accounts().clock.advance(TimeDelta::milliseconds(milliseconds));
}

/// Is the caller's session fresh? Asked by what changes nothing.
async fn is_fresh(actor: &Actor) -> bool {
    let answer = run(actor, "createPersonalAccessToken(input: { name: \"\", permissions: [] }) { token }").await;
    if answer.codes() == ["BAD_USER_INPUT"] {
        return true;
    }
    asks_for_the_password(&answer);
    false
}

async fn fresh_until(actor: &Actor) -> Value {
    let answer = actor.gql("{ me { sessions(first: 1) { edges { node { freshUntil } } } } }").await.ok();
    answer.at("/data/me/sessions/edges/0/node/freshUntil").clone()
}

#[on_each_database]
async fn a_session_is_fresh_for_five_minutes_after_signing_in_however_warm() {
    each(async |server| {
        let bob = server.user("bob").await;
        assert_eq!(fresh_until(&bob).await, "2027-01-15T08:05:00+00:00");
        wait(server, 299_900);
        assert!(is_fresh(&bob).await);
        assert!(is_fresh(&bob).await, "remembered");
        wait(server, 99);
        assert!(is_fresh(&bob).await);
        wait(server, 1);
        assert!(!is_fresh(&bob).await, "remembered no longer than it is true");
        let again = login(&bob, "bob").await;
        assert!(is_fresh(&bob.bearing(&access_token(&again))).await);
        assert!(!is_fresh(&bob).await, "another session is another");
    })
    .await;
}

#[on_each_database]
async fn what_does_lasting_harm_asks_for_the_password() {
    each(async |server| {
        let bob = server.user("bob").await;
        wait(server, 300_000);
        asks_for_the_password(&run(&bob, CREATE_TOKEN).await);
        asks_for_the_password(&run(&bob, CHANGE_EMAIL).await);
        asks_for_the_password(&delete_account(&bob).await);
        run(&bob, "updateProfile(input: { username: \"bobby\" }) { user { username } }").await.ok();
        run(&bob, "updateProfile(input: { email: null }) { user { email } }").await.ok();

        let answer = reauthenticate(&bob, PASSWORD).await.ok();
        let session = answer.at("/data/reauthenticate/session");
        assert_eq!(
            (&session["freshUntil"], &session["isCurrent"]),
            (&json!("2027-01-15T08:10:00+00:00"), &json!(true))
        );
        assert_eq!(fresh_until(&bob).await, "2027-01-15T08:10:00+00:00");
        run(&bob, CREATE_TOKEN).await.ok();
        run(&bob, CHANGE_EMAIL).await.ok();
        delete_account(&bob).await.ok();
    })
    .await;
}

#[on_each_database]
async fn an_address_is_removed_in_a_fresh_session_only() {
    each(async |server| {
        let bob = server.user("bob").await;
        run(&bob, CHANGE_EMAIL).await.ok();
        wait(server, 300_000);
        run(&bob, CHANGE_EMAIL).await.ok();
        asks_for_the_password(&run(&bob, "updateProfile(input: { email: null }) { user { email } }").await);
        let both = "updateProfile(input: { username: \"bobby\", email: \"x@example.org\" }) { user { email } }";
        asks_for_the_password(&run(&bob, both).await);
        let me = bob.gql("{ me { username email } }").await.ok();
        assert_eq!(
            me.at("/data/me"),
            &json!({ "username": "bob", "email": "bob@example.org" }),
            "nothing of it was done"
        );
    })
    .await;
}

#[on_each_database]
async fn granting_a_role_needs_a_fresh_session() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        made(&ada, json!({ "name": "reader", "permissions": ["users:read"] })).await;
        made(&ada, json!({ "name": "reading", "includes": ["reader"] })).await;
        wait(server, 300_000);
        for roles in [&["admin"][..], &["user", "reader"], &["reading"]] {
            asks_for_the_password(&set_roles(&ada, &bob.id, roles).await);
        }
        let bulk = format!(
            "setUsersRoles(input: {{ userIds: [\"{}\"], roles: [\"reader\"] }}) {{ sessionsAffected }}",
            bob.id
        );
        asks_for_the_password(&run(&ada, &bulk).await);
        set_roles(&ada, &bob.id, &["user"]).await.ok();
        reauthenticate(&ada, PASSWORD).await.ok();
        run(&ada, &bulk).await.ok();
        set_roles(&ada, &bob.id, &["user", "reading"]).await.ok();
        wait(server, 300_000);
        set_roles(&ada, &bob.id, &["reading"]).await.ok();
        set_roles(&ada, &bob.id, &["reading", "reader"]).await.ok();
        set_roles(&ada, &bob.id, &[]).await.ok();
    })
    .await;
}

#[on_each_database]
async fn widening_a_role_needs_a_fresh_session() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "small", "permissions": ["users:read"] })).await;
        made(&ada, json!({ "name": "desk", "permissions": ["users:read"], "isProtected": true })).await;
        wait(server, 300_000);
        asks_for_the_password(&create(&ada, json!({ "name": "new", "permissions": ["users:read"] })).await);
        asks_for_the_password(&create(&ada, json!({ "name": "new", "includes": ["small"] })).await);
        create(&ada, json!({ "name": "new" })).await.ok();
        for (role, change) in [
            ("user", json!({ "permissions": ["users:read"] })),
            ("user", json!({ "includes": ["small"] })),
            ("desk", json!({ "permissions": ["users:read", "users:write"] })),
            ("desk", json!({ "isProtected": false })),
            ("desk", json!({ "name": "counter" })),
        ] {
            asks_for_the_password(&update(&ada, role, change.clone()).await);
        }
        for change in [json!({ "description": "Helps." }), json!({ "permissions": [] })] {
            update(&ada, "desk", change).await.ok();
        }
        reauthenticate(&ada, PASSWORD).await.ok();
        update(&ada, "desk", json!({ "permissions": ["users:write"], "isProtected": false })).await.ok();
    })
    .await;
}

/// What takes over the account of that id, or makes one that the caller can take.
fn takeovers(id: &str) -> [String; 5] {
    [
        format!("updateUser(input: {{ userId: \"{id}\", email: \"mine@example.org\" }}) {{ user {{ id }} }}"),
        format!("issuePasswordReset(input: {{ userId: \"{id}\" }}) {{ code }}"),
        format!("unlockUser(input: {{ userId: \"{id}\" }}) {{ user {{ id }} }}"),
        "createUser(input: { username: \"carol\" }) { code }".to_owned(),
        "importUsers(input: { users: [] }) { users { id } }".to_owned(),
    ]
}

#[on_each_database]
async fn taking_over_an_account_needs_a_fresh_session() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let eve = administrator(server, "eve").await;
        wait(server, 300_000);
        for id in [&bob.id, &eve.id] {
            for call in takeovers(id) {
                let answer = run(&ada, &call).await;
                assert_eq!(answer.codes(), ["FORBIDDEN"], "{call}");
                assert_eq!(answer.at("/errors/0/extensions/requires/fresh"), true, "{call}: {answer:#?}");
            }
        }
        for call in [
            "updateUser(input: { userId: ID, email: \"ada@example.org\" }) { user { id } }",
            "deleteUser(input: { userId: ID }) { sessionsRevoked }",
            "deleteUsers(input: { userIds: [ID] }) { sessionsRevoked }",
        ] {
            asks_for_the_password(&run(&ada, &call.replace("ID", &format!("\"{}\"", ada.id))).await);
        }
        run(
            &ada,
            &format!("updateUser(input: {{ userId: \"{}\", username: \"robert\" }}) {{ user {{ id }} }}", bob.id),
        )
        .await
        .ok();
        bob.gql("{ me { id } }").await.ok();
        reauthenticate(&ada, PASSWORD).await.ok();
        for call in takeovers(&bob.id) {
            run(&ada, &call).await.ok();
        }
    })
    .await;
}

#[on_each_database]
async fn a_personal_access_token_raises_no_rights_and_takes_over_no_account() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let user = "user";
        let script =
            script(&ada, &["users:read", "users:write", "users:import", "roles:read", "roles:assign", "roles:write"])
                .await;
        for call in takeovers(&bob.id) {
            assert_eq!(run(&script, &call).await.codes(), ["FORBIDDEN"], "{call}");
        }
        made(&ada, json!({ "name": "reader", "permissions": ["users:read"] })).await;
        for answer in [
            set_roles(&script, &bob.id, &["user", "reader"]).await,
            create(&script, json!({ "name": "new", "permissions": ["users:read"] })).await,
            update(&script, &user, json!({ "permissions": ["users:read"] })).await,
        ] {
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
            assert_eq!(answer.at("/errors/0/extensions/requires"), &json!({ "session": true }), "{answer:#?}");
        }
        set_roles(&script, &bob.id, &[]).await.ok();
    })
    .await;
}

#[on_each_database]
async fn one_session_becomes_fresh_and_no_other() {
    each(async |server| {
        let bob = server.user("bob").await;
        let other = bob.bearing(&access_token(&login(&bob, "bob").await));
        wait(server, 300_000);
        assert!(!is_fresh(&bob).await && !is_fresh(&other).await);
        reauthenticate(&other, PASSWORD).await.ok();
        assert!(is_fresh(&other).await && !is_fresh(&bob).await);
        wait(server, 299_999);
        assert!(is_fresh(&other).await);
        wait(server, 1);
        assert!(!is_fresh(&other).await);
        assert_eq!(reauthenticate(&server.anonymous(), PASSWORD).await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[on_each_database]
async fn a_wrong_password_is_a_failed_sign_in() {
    each(async |server| {
        let bob = server.user("bob").await;
        wait(server, 300_000);
        assert_eq!(reauthenticate(&bob, "a wrong password").await.codes(), ["INVALID_CREDENTIALS"]);
        assert!(!is_fresh(&bob).await);
        assert_eq!(events(&bob).await[0], "SIGN_IN_FAILED");
        let early = reauthenticate(&bob, PASSWORD).await;
        assert_eq!(early.codes(), ["RATE_LIMITED"], "after a failure comes a pause");
        assert_eq!(early.at("/errors/0/extensions/retryAfter"), 1);
        assert!(!is_fresh(&bob).await);
        for _ in 0..3 {
            wait(server, 5_000);
            assert_eq!(reauthenticate(&bob, "a wrong password").await.codes(), ["INVALID_CREDENTIALS"]);
        }
        wait(server, 1_000);
        assert_eq!(reauthenticate(&bob, PASSWORD).await.codes(), ["RATE_LIMITED"], "which grows");
        wait(server, 5_000);
        reauthenticate(&bob, PASSWORD).await.ok();
        assert!(is_fresh(&bob).await);
    })
    .await;
}

#[on_each_database]
async fn refreshing_makes_nothing_fresh() {
    each(async |server| {
        let bob = server.user("bob").await;
        let signed_in = login(&bob, "bob").await;
        wait(server, 299_000);
        let next = refresh(&bob, &refresh_token(&signed_in)).await.ok();
        let session = bob.bearing(&access_token(&next));
        assert!(is_fresh(&session).await, "the password was given in this session");
        wait(server, 1_000);
        assert!(!is_fresh(&session).await);
        let next = refresh(&bob, &refresh_token(&next)).await.ok();
        assert!(!is_fresh(&bob.bearing(&access_token(&next))).await);
        assert_eq!(fresh_until(&session).await, "2027-01-15T08:05:00+00:00");
    })
    .await;
}

#[on_each_database]
async fn introspection_shows_what_a_password_would_open() {
    each(async |server| {
        let bob = server.user("bob").await;
        let document = "{ __type(name: \"Mutation\") { fields { name } } }";
        let fresh = bob.gql(document).await.ok();
        wait(server, 300_000);
        assert_eq!(bob.gql(document).await.ok().json, fresh.json);
        assert!(fresh.text.contains("deleteAccount") && fresh.text.contains("createPersonalAccessToken"));
        assert!(!server.anonymous().gql(document).await.ok().text.contains("deleteAccount"));
    })
    .await;
}

#[test]
fn the_schema_says_where_it_is_asked_for() {
    let sdl = include_str!("../../../schema.graphql");
    for (payload, rule) in [
        ("DeleteAccountPayload", "@auth(fresh: true)"),
        ("CreatePersonalAccessTokenPayload", "@auth(fresh: true)"),
        ("UpdateProfilePayload", "@auth(session: true)"),
    ] {
        let mut lines = sdl.lines().map(str::trim).filter(|line| line.starts_with(&format!("): {payload} ")));
        assert!(lines.next().is_some_and(|line| line.ends_with(rule)), "{payload}");
    }
}
