//! Step-up: sensitive operations require that the user entered the password in this session a short time ago.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{access_token, events, login, refresh, refresh_token};
use crate::{
    actor::{Actor, Answer, PASSWORD},
    admin::{administrator, set_roles},
    app::{Server, each},
    personal_access_tokens::script,
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
fn assert_reauthentication_required(answer: &Answer) {
    assert_eq!(answer.codes(), ["FORBIDDEN"], "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/requires"), &json!({ "fresh": true }), "{answer:#?}");
    assert_eq!(answer.at("/errors/0/extensions/reason"), "REAUTHENTICATION_REQUIRED", "{answer:#?}");
    let message = answer.at("/errors/0/message").as_str().unwrap();
    assert!(message.contains("`reauthenticate`"), "{message}");
}

fn wait(server: &Server, milliseconds: i64) {
    server.app.accounts().clock.advance(TimeDelta::milliseconds(milliseconds));
}

/// Whether the caller's session is fresh, found out with a request that changes nothing.
async fn is_fresh(actor: &Actor) -> bool {
    let answer = run(actor, "createPersonalAccessToken(input: { name: \"\", permissions: [] }) { token }").await;
    if answer.codes() == ["BAD_USER_INPUT"] {
        return true;
    }
    assert_reauthentication_required(&answer);
    false
}

async fn fresh_until(actor: &Actor) -> Value {
    let answer = actor.gql("{ me { sessions(first: 1) { edges { node { freshUntil } } } } }").await.ok();
    answer.at("/data/me/sessions/edges/0/node/freshUntil").clone()
}

#[on_each_database]
async fn session_is_fresh_for_five_minutes_after_sign_in() {
    each(async |server| {
        let bob = server.user("bob").await;
        assert_eq!(fresh_until(&bob).await, "2027-01-15T08:05:00+00:00");
        wait(server, 299_900);
        assert!(is_fresh(&bob).await);
        assert!(is_fresh(&bob).await, "the cached session is fresh");
        wait(server, 99);
        assert!(is_fresh(&bob).await);
        wait(server, 1);
        assert!(!is_fresh(&bob).await, "the cached session is not fresh after five minutes");
        let again = login(&bob, "bob").await;
        assert!(is_fresh(&bob.bearing(&access_token(&again))).await);
        assert!(!is_fresh(&bob).await, "signing in again does not change this session");
    })
    .await;
}

#[on_each_database]
async fn sensitive_mutations_require_reauthentication() {
    each(async |server| {
        let bob = server.user("bob").await;
        wait(server, 300_000);
        assert_reauthentication_required(&run(&bob, CREATE_TOKEN).await);
        assert_reauthentication_required(&run(&bob, CHANGE_EMAIL).await);
        assert_reauthentication_required(&delete_account(&bob).await);
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
async fn removing_an_email_requires_reauthentication() {
    each(async |server| {
        let bob = server.user("bob").await;
        run(&bob, CHANGE_EMAIL).await.ok();
        wait(server, 300_000);
        run(&bob, CHANGE_EMAIL).await.ok();
        assert_reauthentication_required(&run(&bob, "updateProfile(input: { email: null }) { user { email } }").await);
        let both = "updateProfile(input: { username: \"bobby\", email: \"x@example.org\" }) { user { email } }";
        assert_reauthentication_required(&run(&bob, both).await);
        let me = bob.gql("{ me { username email } }").await.ok();
        assert_eq!(me.at("/data/me"), &json!({ "username": "bob", "email": "bob@example.org" }), "nothing is updated");
    })
    .await;
}

#[on_each_database]
async fn granting_a_role_requires_reauthentication() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        made(&ada, json!({ "name": "reader", "permissions": ["users:read"] })).await;
        made(&ada, json!({ "name": "reading", "includes": ["reader"] })).await;
        wait(server, 300_000);
        for roles in [&["admin"][..], &["user", "reader"], &["reading"]] {
            assert_reauthentication_required(&set_roles(&ada, &bob.id, roles).await);
        }
        let bulk = format!(
            "setUsersRoles(input: {{ userIds: [\"{}\"], roles: [\"reader\"] }}) {{ sessionsAffected }}",
            bob.id
        );
        assert_reauthentication_required(&run(&ada, &bulk).await);
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
async fn adding_permissions_to_a_role_requires_reauthentication() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "small", "permissions": ["users:read"] })).await;
        made(&ada, json!({ "name": "desk", "permissions": ["users:read"], "isProtected": true })).await;
        wait(server, 300_000);
        assert_reauthentication_required(&create(&ada, json!({ "name": "new", "permissions": ["users:read"] })).await);
        assert_reauthentication_required(&create(&ada, json!({ "name": "new", "includes": ["small"] })).await);
        create(&ada, json!({ "name": "new" })).await.ok();
        for (role, change) in [
            ("user", json!({ "permissions": ["users:read"] })),
            ("user", json!({ "includes": ["small"] })),
            ("desk", json!({ "permissions": ["users:read", "users:write"] })),
            ("desk", json!({ "isProtected": false })),
            ("desk", json!({ "name": "counter" })),
        ] {
            assert_reauthentication_required(&update(&ada, role, change.clone()).await);
        }
        for change in [json!({ "description": "Helps." }), json!({ "permissions": [] })] {
            update(&ada, "desk", change).await.ok();
        }
        reauthenticate(&ada, PASSWORD).await.ok();
        update(&ada, "desk", json!({ "permissions": ["users:write"], "isProtected": false })).await.ok();
    })
    .await;
}

/// Mutations that take over the user with the id, or create a user that the caller can take over.
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
async fn taking_over_a_user_requires_reauthentication() {
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
            assert_reauthentication_required(&run(&ada, &call.replace("ID", &format!("\"{}\"", ada.id))).await);
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
async fn personal_access_tokens_cannot_grant_permissions_or_take_over_users() {
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
            update(&script, user, json!({ "permissions": ["users:read"] })).await,
        ] {
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
            assert_eq!(answer.at("/errors/0/extensions/requires"), &json!({ "session": true }), "{answer:#?}");
        }
        set_roles(&script, &bob.id, &[]).await.ok();
    })
    .await;
}

#[on_each_database]
async fn reauthentication_makes_only_its_session_fresh() {
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
async fn wrong_password_at_reauthentication_counts_as_a_failed_sign_in() {
    each(async |server| {
        let bob = server.user("bob").await;
        wait(server, 300_000);
        assert_eq!(reauthenticate(&bob, "a wrong password").await.codes(), ["INVALID_CREDENTIALS"]);
        assert!(!is_fresh(&bob).await);
        assert_eq!(events(&bob).await[0], "SIGN_IN_FAILED");
        let early = reauthenticate(&bob, PASSWORD).await;
        assert_eq!(early.codes(), ["RATE_LIMITED"], "one failure is followed by a wait");
        assert_eq!(early.at("/errors/0/extensions/retryAfter"), 1);
        assert!(!is_fresh(&bob).await);
        for _ in 0..3 {
            wait(server, 5_000);
            assert_eq!(reauthenticate(&bob, "a wrong password").await.codes(), ["INVALID_CREDENTIALS"]);
        }
        wait(server, 1_000);
        assert_eq!(reauthenticate(&bob, PASSWORD).await.codes(), ["RATE_LIMITED"], "the wait grows");
        wait(server, 5_000);
        reauthenticate(&bob, PASSWORD).await.ok();
        assert!(is_fresh(&bob).await);
    })
    .await;
}

#[on_each_database]
async fn refresh_does_not_make_a_session_fresh() {
    each(async |server| {
        let bob = server.user("bob").await;
        let signed_in = login(&bob, "bob").await;
        wait(server, 299_000);
        let next = refresh(&bob, &refresh_token(&signed_in)).await.ok();
        let session = bob.bearing(&access_token(&next));
        assert!(is_fresh(&session).await, "the user entered the password in this session");
        wait(server, 1_000);
        assert!(!is_fresh(&session).await);
        let next = refresh(&bob, &refresh_token(&next)).await.ok();
        assert!(!is_fresh(&bob.bearing(&access_token(&next))).await);
        assert_eq!(fresh_until(&session).await, "2027-01-15T08:05:00+00:00");
    })
    .await;
}

#[on_each_database]
async fn introspection_shows_mutations_that_need_reauthentication() {
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
fn schema_declares_freshness_requirements() {
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
