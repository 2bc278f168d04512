//! The caller's own account: `me`, `updateProfile`, `updatePassword`, `deleteAccount`, `node`.

use fieldguard::accounts::register::Registration;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each},
};

const NEW_PASSWORD: &str = "a short swim in the lake";

async fn update(actor: &Actor, input: Value) -> Answer {
    let document =
        "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { username email } } }";
    actor.gql_with(document, json!({ "input": input })).await
}

async fn change_password(actor: &Actor, current: &str, new: &str) -> Answer {
    let document =
        "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked user { id } } }";
    actor.gql_with(document, json!({ "input": { "currentPassword": current, "newPassword": new } })).await
}

async fn delete_account(actor: &Actor, password: &str) -> Answer {
    let document = "mutation ($password: String!) { deleteAccount(input: { password: $password }) { userId } }";
    actor.gql_with(document, json!({ "password": password })).await
}

async fn login(server: &Server, name: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    server.anonymous().gql_with(document, json!({ "input": { "username": name, "password": password } })).await
}

/// Whether the access token is rejected.
async fn is_rejected(actor: &Actor) -> bool {
    let answer = actor.gql("{ me { id } }").await;
    answer.status == 401 && answer.codes() == ["UNAUTHENTICATED"]
}

#[on_each_database]
async fn me_is_the_signed_in_user() {
    each(async |server| {
        let bob = server.user("bob").await;
        let document = "{ me { id username email state roles { name } permissions { name } createdAt lastSignInAt } }";
        let me = bob.gql(document).await.ok();
        let expected = json!({
            "id": bob.id, "username": "bob", "email": null, "state": "ACTIVE", "roles": [{ "name": "user" }],
            "permissions": [], "createdAt": "2027-01-15T08:00:00+00:00", "lastSignInAt": "2027-01-15T08:00:00+00:00",
        });
        assert_eq!(me.at("/data/me"), &expected);
        let anonymous = server.anonymous().gql("{ me { id } }").await;
        assert_eq!((anonymous.codes(), anonymous.at("/data")), (vec!["UNAUTHENTICATED"], &json!({ "me": null })));
    })
    .await;
}

#[on_each_database]
async fn me_reflects_every_answered_change() {
    each(async |server| {
        let (bob, carol) = (server.user("bob").await, server.user("carol").await);
        let me = async |actor: &Actor| actor.gql("{ me { username email state lastSignInAt } }").await.ok().json;
        let (before, other) = (me(&bob).await, me(&carol).await);
        assert_eq!(me(&bob).await, before);
        update(&bob, json!({ "username": "robert", "email": "bob@example.org" })).await.ok();
        let renamed = me(&bob).await;
        assert_eq!(renamed["data"]["me"]["username"], "robert");
        assert_eq!(renamed["data"]["me"]["email"], "bob@example.org");
        server.app.accounts().clock.advance(chrono::TimeDelta::milliseconds(1));
        login(server, "robert", PASSWORD).await.ok();
        assert_ne!(me(&bob).await["data"]["me"]["lastSignInAt"], before["data"]["me"]["lastSignInAt"]);
        assert_eq!(me(&carol).await, other);
    })
    .await;
}

#[on_each_database]
async fn update_profile_changes_only_the_given_fields() {
    each(async |server| {
        let bob = server.user("bob").await;
        for (input, username, email) in [
            (json!({}), "bob", json!(null)),
            (json!({ "email": "bob@example.org" }), "bob", json!("bob@example.org")),
            (json!({ "username": "Robert" }), "Robert", json!("bob@example.org")),
            (json!({ "username": null }), "Robert", json!("bob@example.org")),
            (json!({ "username": "ROBERT" }), "ROBERT", json!("bob@example.org")),
            (json!({ "email": null }), "ROBERT", json!(null)),
            (json!({ "username": "bobby", "email": "b@example.org" }), "bobby", json!("b@example.org")),
        ] {
            let answer = update(&bob, input.clone()).await.ok();
            let user = json!({ "username": username, "email": email });
            assert_eq!(answer.at("/data/updateProfile/user"), &user, "{input}");
            assert_eq!(bob.gql("{ me { username email } }").await.ok().at("/data/me"), &user, "{input}");
        }
        login(server, "bobby", PASSWORD).await.ok();
        assert_eq!(
            login(server, "bob", PASSWORD).await.codes(),
            ["INVALID_CREDENTIALS"],
            "the old username is available"
        );
        server.user("bob").await;
    })
    .await;
}

#[on_each_database]
async fn update_profile_rejects_taken_and_invalid_values() {
    each(async |server| {
        let (ann, bob) = (server.user("Ann").await, server.user("bob").await);
        update(&ann, json!({ "email": "ann@example.org" })).await.ok();
        for (input, code, field) in [
            (json!({ "username": "ann" }), "CONFLICT", "username"),
            (json!({ "username": "ＡＮＮ" }), "CONFLICT", "username"),
            (json!({ "email": "Ann@EXAMPLE.org" }), "CONFLICT", "email"),
            (json!({ "username": "robert", "email": "ann@example.org" }), "CONFLICT", "email"),
            (json!({ "username": "bo" }), "BAD_USER_INPUT", "username"),
            (json!({ "username": "" }), "BAD_USER_INPUT", "username"),
            (json!({ "email": "" }), "BAD_USER_INPUT", "email"),
            (json!({ "username": "robert", "email": "nobody" }), "BAD_USER_INPUT", "email"),
        ] {
            let answer = update(&bob, input.clone()).await;
            assert_eq!(answer.codes(), [code], "{input}");
            assert_eq!(answer.at("/errors/0/extensions/field"), field, "{input}");
            assert_eq!(answer.at("/errors/0/path"), &json!(["updateProfile"]), "{input}");
            assert_eq!(answer.at("/data"), &json!({ "updateProfile": null }), "{input}");
        }
        let me = bob.gql("{ me { username email } }").await.ok();
        assert_eq!(me.at("/data/me"), &json!({ "username": "bob", "email": null }), "nothing is updated");
        let anonymous = update(&server.anonymous(), json!({ "username": "mallory" })).await;
        assert_eq!(anonymous.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[on_each_database]
async fn update_password_revokes_every_other_session() {
    each(async |server| {
        let here = server.user("bob").await;
        let elsewhere = [server.anonymous().login("bob").await, server.anonymous().login("bob").await];
        let ann = server.user("ann").await;
        for other in &elsewhere {
            assert!(!is_rejected(other).await);
        }
        let answer = change_password(&here, PASSWORD, NEW_PASSWORD).await.ok();
        let expected = json!({ "sessionsRevoked": 2, "user": { "id": here.id } });
        assert_eq!(answer.at("/data/updatePassword"), &expected);
        for other in &elsewhere {
            assert!(is_rejected(other).await, "the other session is revoked");
        }
        assert!(!is_rejected(&here).await, "the caller's session stays valid");
        assert!(!is_rejected(&ann).await, "sessions of other users stay valid");
        assert_eq!(login(server, "bob", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        login(server, "bob", NEW_PASSWORD).await.ok();
    })
    .await;
}

#[on_each_database]
async fn update_password_rejects_wrong_and_weak_passwords() {
    each(async |server| {
        let (here, elsewhere) = (server.user("bob.builder").await, server.anonymous().login("bob.builder").await);
        let long = "x".repeat(2_000);
        let refused = change_password(&here, "a wrong password indeed", NEW_PASSWORD).await;
        assert_eq!(
            (refused.codes(), refused.at("/data")),
            (vec!["INVALID_CREDENTIALS"], &json!({ "updatePassword": null }))
        );
        server.wait_out_a_failure();
        for weak in ["", "short", "passwordpassword", "bob.builder12", &long] {
            let refused = change_password(&here, PASSWORD, weak).await;
            assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{weak:.20}");
            assert_eq!(refused.at("/errors/0/extensions/field"), "newPassword", "{weak:.20}");
            assert!(weak.is_empty() || !refused.text.contains(weak), "answers never repeat a password");
        }
        // Without the current password, the answer reveals nothing about the new one.
        assert_eq!(change_password(&here, "wrong", "short").await.codes(), ["INVALID_CREDENTIALS"]);
        assert!(!is_rejected(&elsewhere).await, "no session is revoked");
        server.wait_out_a_failure();
        login(server, "bob.builder", PASSWORD).await.ok();
        assert_eq!(change_password(&server.anonymous(), PASSWORD, NEW_PASSWORD).await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[on_each_database]
async fn concurrent_password_updates_succeed_once() {
    each(async |server| {
        let bob = server.user("bob").await;
        let (one, other) = tokio::join!(
            change_password(&bob, PASSWORD, NEW_PASSWORD),
            change_password(&bob, PASSWORD, "a cold night on the hill"),
        );
        let mut codes = [one.codes(), other.codes()];
        codes.sort_unstable();
        assert_eq!(codes, [vec![], vec!["INVALID_CREDENTIALS"]]);
    })
    .await;
}

#[on_each_database]
async fn delete_account_deletes_the_user_and_revokes_every_session() {
    each(async |server| {
        let (bob, elsewhere) = (server.user("bob").await, server.anonymous().login("bob").await);
        update(&bob, json!({ "email": "bob@example.org" })).await.ok();
        let refused = delete_account(&bob, "a wrong password indeed").await;
        assert_eq!(
            (refused.codes(), refused.at("/data")),
            (vec!["INVALID_CREDENTIALS"], &json!({ "deleteAccount": null }))
        );
        assert!(!is_rejected(&bob).await);

        server.wait_out_a_failure();
        let deleted = delete_account(&bob, PASSWORD).await.ok();
        assert_eq!(deleted.at("/data/deleteAccount/userId"), &json!(bob.id));
        assert!(is_rejected(&bob).await && is_rejected(&elsewhere).await, "the tokens of a deleted user are rejected");
        assert_eq!(login(server, "bob", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);

        let other = server.user("BOB").await;
        update(&other, json!({ "email": "bob@example.org" })).await.ok();
        assert_ne!(other.id, bob.id, "ids are never reused");
        assert!(
            is_rejected(&bob).await && is_rejected(&elsewhere).await,
            "old tokens do not belong to a new user of the same name"
        );
        let admin = server.admin().await;
        let found = admin.gql_with("query ($id: ID!) { user(id: $id) { id } }", json!({ "id": bob.id })).await.ok();
        assert_eq!(found.at("/data"), &json!({ "user": null }));
        let sessions = admin.gql("{ admin { sessions users { total } } }").await.ok();
        assert_eq!(sessions.at("/data/admin"), &json!({ "sessions": 2, "users": { "total": 2 } }));
    })
    .await;
}

#[on_each_database]
async fn last_administrator_cannot_delete_their_account() {
    each(async |server| {
        let ada = server.admin().await;
        let refused = delete_account(&ada, PASSWORD).await;
        assert_eq!((refused.codes(), refused.at("/data")), (vec!["CONFLICT"], &json!({ "deleteAccount": null })));
        let me = ada.gql("{ me { username roles { name } } }").await.ok();
        assert_eq!(
            me.at("/data/me"),
            &json!({ "username": "ada", "roles": [{ "name": "admin" }, { "name": "user" }] })
        );
        login(server, "ada", PASSWORD).await.ok();

        let second = Registration { username: "eve".to_owned(), email: None, password: PASSWORD.to_owned() };
        server.app.accounts().create_admin(second).await.unwrap();
        delete_account(&ada, PASSWORD).await.ok();
        assert!(is_rejected(&ada).await);
    })
    .await;
}

#[on_each_database]
async fn node_is_null_for_objects_the_caller_cannot_read() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        let document =
            "query ($id: ID!) { node(id: $id) { __typename id ... on User { username } ... on Role { name } } }";
        let node = async |actor: &Actor, id: &str| {
            actor.gql_with(document, json!({ "id": id })).await.ok().at("/data/node").clone()
        };
        let roles = ada.gql("{ roles { id name } }").await.ok();
        let role = roles.at("/data/roles/0/id").as_str().unwrap();
        let account = |actor: &Actor, name: &str| json!({ "__typename": "User", "id": actor.id, "username": name });

        assert_eq!(node(&bob, &bob.id).await, account(&bob, "bob"));
        assert_eq!(node(&ada, &bob.id).await, account(&bob, "bob"));
        assert_eq!(node(&ada, role).await, json!({ "__typename": "Role", "id": role, "name": "admin" }));
        let unknown = "01890000-0000-7000-8000-000000000000";
        for id in [&ann.id, role, unknown, "", "1", "' OR 1=1 --", &bob.id.to_uppercase(), &"9".repeat(5_000)] {
            assert_eq!(node(&bob, id).await, Value::Null, "{id:.60}");
        }
        for id in [unknown, "", "nonsense"] {
            assert_eq!(node(&ada, id).await, Value::Null, "{id}");
        }
        let anonymous = server.anonymous().gql_with(document, json!({ "id": bob.id })).await;
        assert_eq!((anonymous.codes(), anonymous.at("/data")), (vec!["UNAUTHENTICATED"], &json!({ "node": null })));
    })
    .await;
}
