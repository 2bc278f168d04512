//! Which changes record an event.

use fieldguard::{config::WebhookEvents, domain::webhook_event::EventType, store};
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{Receiver, deliver, each, each_with, stored};
use crate::{actor::PASSWORD, app};

/// Type, username and the other data of each event about the user.
fn told(receiver: &Receiver, user: &str) -> Vec<(String, Value)> {
    let of_user = receiver.requests().into_iter().filter(|request| request.user() == user);
    of_user
        .map(|request| {
            let mut data = request.body["data"].as_object().unwrap().clone();
            data.remove("userId");
            (request.kind().to_owned(), Value::from(data))
        })
        .collect()
}

#[on_each_database]
async fn every_change_of_a_user_is_sent_once_and_in_order() {
    each(async |server, receiver| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let change = |text: &str| format!("mutation {{ it: {text} {{ user {{ id }} }} }}");
        bob.gql(&change(r#"updateProfile(input: { username: "bobby", email: "b@example.org", locale: "en" })"#))
            .await
            .ok();
        let roles = format!(r#"setUserRoles(input: {{ userId: "{}", roles: ["user", "admin"] }})"#, bob.id);
        ada.gql(&change(&roles)).await.ok();
        let password =
            format!(r#"updatePassword(input: {{ currentPassword: "{PASSWORD}", newPassword: "another {PASSWORD}" }})"#);
        bob.gql(&change(&password)).await.ok();
        bob.gql("mutation { logout { session { id } } }").await.ok();
        for name in ["disableUser", "enableUser", "deleteUser", "restoreUser"] {
            let document = change(&format!(r#"{name}(input: {{ userId: "{}" }})"#, bob.id));
            ada.gql(&document).await.ok();
        }
        ada.gql(&change(&format!(r#"revokeUserSessions(input: {{ userId: "{}" }})"#, bob.id))).await.ok();
        deliver(server).await;
        let by_ada = |rest: Value| {
            let mut data = json!({ "username": "bobby", "actorType": "user", "actorId": ada.id });
            data.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            data
        };
        let told = told(receiver, &bob.id);
        let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "user.created",
                "user.signed_in",
                "user.updated",
                "user.roles_changed",
                "user.password_changed",
                "session.revoked",
                "user.disabled",
                "user.enabled",
                "user.deletion_scheduled",
                "user.restored",
                "session.revoked",
            ]
        );
        let own = |at: usize| told[at].1["actorId"] == bob.id.as_str();
        assert!([0, 1, 2, 4, 5].into_iter().all(own), "{told:#?}");
        assert_eq!(told[0].1["username"], "bob");
        assert_eq!(told[0].1["roles"], json!(["user"]));
        assert!(told[1].1["sessionId"].is_string() && told[1].1["sessionId"] == told[5].1["sessionId"], "{told:#?}");
        assert_eq!(told[2].1["changed"], json!(["username", "email", "locale"]));
        assert_eq!(told[3].1, by_ada(json!({ "roles": ["admin", "user"] })));
        assert_eq!(told[6].1, by_ada(json!({})));
        assert_eq!(told[10].1, by_ada(json!({})), "without a session: all of them");
        assert!(receiver.requests().iter().all(|request| !request.text.contains("example.org")));
    })
    .await;
}

#[on_each_database]
async fn refused_changes_record_nothing() {
    each(async |server, _| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let before = stored(server.app.accounts(), None).await.len();
        let document = format!(
            r#"mutation {{ disableUsers(input: {{ userIds: ["{}", "0192f0c1-4b7e-7a35-9d3f-5c1f4e0a9b77"] }}) {{ users {{ id }} }} }}"#,
            bob.id
        );
        assert_eq!(ada.gql(&document).await.codes(), ["NOT_FOUND"], "the first of them was disabled and rolled back");
        assert_eq!(bob.gql(&document).await.codes(), ["FORBIDDEN"]);
        let taken = r#"mutation { updateProfile(input: { username: "ada" }) { user { id } } }"#;
        assert_eq!(bob.gql(taken).await.codes(), ["CONFLICT"]);
        let wrong = r#"mutation { login(input: { username: "bob", password: "a wrong password" }) { accessToken } }"#;
        assert_eq!(server.anonymous().gql(wrong).await.codes(), ["INVALID_CREDENTIALS"]);
        assert_eq!(stored(server.app.accounts(), None).await.len(), before);
    })
    .await;
}

#[on_each_database]
async fn only_chosen_types_are_recorded() {
    let types: WebhookEvents = "user.created,user.deleted".parse().unwrap();
    each_with(
        |config| config.webhooks.events = types.clone(),
        async |server, receiver| {
            let bob = server.user("bob").await;
            let document = format!(r#"mutation {{ deleteAccount(input: {{ password: "{PASSWORD}" }}) {{ userId }} }}"#);
            bob.gql(&document).await.ok();
            deliver(server).await;
            assert_eq!(receiver.kinds(&bob.id), ["user.created", "user.deleted"]);
        },
    )
    .await;
}

#[on_each_database]
async fn nothing_is_recorded_without_a_receiver() {
    app::each(async |server| {
        server.user("bob").await;
        assert!(stored(server.app.accounts(), None).await.is_empty());
    })
    .await;
}

#[on_each_database]
async fn a_deleted_user_leaves_no_name_behind() {
    each(async |server, receiver| {
        let bob = server.user("bob").await;
        deliver(server).await;
        receiver.answer(|_, _| 500);
        let document = format!(r#"mutation {{ deleteAccount(input: {{ password: "{PASSWORD}" }}) {{ userId }} }}"#);
        bob.login("bob").await.gql(&document).await.ok();
        let events = stored(server.app.accounts(), None).await;
        let kinds: Vec<_> = events.iter().map(|stored| stored.event.event_type).collect();
        assert_eq!(
            kinds,
            [EventType::UserDeleted, EventType::UserSignedIn, EventType::UserSignedIn, EventType::UserCreated]
        );
        assert!(events.iter().all(|stored| stored.event.username.is_none()), "{events:#?}");
        // The purge of a scheduled deletion, too.
        let (ada, eve) = (server.admin().await, server.user("eve").await);
        let document = format!(r#"mutation {{ deleteUser(input: {{ userId: "{}" }}) {{ user {{ id }} }} }}"#, eve.id);
        ada.gql(&document).await.ok();
        server.app.accounts().clock.advance(chrono::TimeDelta::days(40));
        assert_eq!(server.app.accounts().purge_deleted().await.unwrap(), 1);
        let of_eve: Vec<_> = stored(server.app.accounts(), None).await;
        let of_eve: Vec<_> = of_eve.iter().filter(|stored| stored.event.user.to_string() == eve.id).collect();
        assert!(of_eve.len() == 4 && of_eve.iter().all(|stored| stored.event.username.is_none()), "{of_eve:#?}");
    })
    .await;
}

#[on_each_database]
async fn imported_users_are_created_users() {
    each(async |server, receiver| {
        let ada = server.admin().await;
        let users: Vec<_> = (0..70).map(|n| json!({ "username": format!("user{n}"), "passwordHash": "!" })).collect();
        let document = "mutation ($input: ImportUsersInput!) { importUsers(input: $input) { users { id } } }";
        let answer = ada.gql_with(document, json!({ "input": { "users": users } })).await.ok();
        deliver(server).await;
        for (n, user) in answer.at("/data/importUsers/users").as_array().unwrap().iter().enumerate() {
            let id = user["id"].as_str().unwrap();
            assert_eq!(receiver.kinds(id), ["user.created"]);
            let told = told(receiver, id);
            assert_eq!(told[0].1["username"], format!("user{n}"));
        }
    })
    .await;
}

#[on_each_database]
async fn backups_keep_events_that_wait() {
    each(async |server, _| {
        server.user("bob").await;
        let store = &server.app.accounts().store;
        let mut file = Vec::new();
        let now = server.app.accounts().clock.now();
        let summary = store::backup::save(store, &mut file, now, |_, _| {}).await.unwrap();
        assert!(summary.tables.contains(&("webhook_events".to_owned(), 2)), "{summary:?}");
    })
    .await;
}
