//! `issuePasswordReset` and `resetPassword`: who can issue a reset code, and what the code does.

use chrono::TimeDelta;
use fieldguard_test_macros::on_each_database;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::{Server, each},
};

const NEW_PASSWORD: &str = "a short swim in the lake";

async fn issue(actor: &Actor, user: &str) -> Answer {
    let document = "mutation ($id: ID!) { issuePasswordReset(input: { userId: $id }) \
                    { code expiresAt sessionsRevoked effectiveAt user { id username } } }";
    actor.gql_with(document, json!({ "id": user })).await
}

async fn code(actor: &Actor, user: &str) -> String {
    issue(actor, user).await.ok().at("/data/issuePasswordReset/code").as_str().unwrap().to_owned()
}

async fn reset(actor: &Actor, code: &str, password: &str) -> Answer {
    let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { id username } } }";
    actor.gql_with(document, json!({ "input": { "code": code, "newPassword": password } })).await
}

async fn login(server: &Server, name: &str, password: &str) -> Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
    server.anonymous().gql_with(document, json!({ "input": { "username": name, "password": password } })).await
}

async fn change_password(actor: &Actor, current: &str, new: &str) -> Answer {
    let document = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { sessionsRevoked } }";
    actor.gql_with(document, json!({ "input": { "currentPassword": current, "newPassword": new } })).await
}

async fn run(admin: &Actor, mutation: &str) {
    admin.gql(&format!("mutation {{ {mutation} {{ user {{ id }} }} }}")).await.ok();
}

/// The texts in the only column of the query's result, sorted.
async fn column(server: &Server, sql: &str) -> Vec<String> {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    let mut texts: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    connection.close().await.unwrap();
    texts.sort();
    texts
}

/// Creates a role whose only permission is `users:write`.
async fn create_helper_role(server: &Server) {
    let id = if server.database.url.starts_with("sqlite") {
        "X'01890000000070008000000000000066'"
    } else {
        "'01890000-0000-7000-8000-000000000066'"
    };
    for sql in [
        format!("INSERT INTO roles (id, name, description) VALUES ({id}, 'helper', 'Helps people.')"),
        format!("INSERT INTO role_permissions (role_id, permission) VALUES ({id}, 'users:write')"),
    ] {
        crate::admin::execute(server, &sql).await;
    }
}

#[on_each_database]
async fn reset_code_sets_a_new_password_once() {
    each(async |server| {
        let (ada, bob, anonymous) = (server.admin().await, server.user("bob").await, server.anonymous());
        let elsewhere = server.anonymous().login("bob").await;
        let issued = issue(&ada, &bob.id).await.ok();
        let issued = issued.at("/data/issuePasswordReset");
        assert_eq!((&issued["sessionsRevoked"], &issued["user"]["id"]), (&json!(2), &json!(bob.id)));
        // On PostgreSQL there may be other replicas, which cache sessions for a second.
        assert!(issued["effectiveAt"].as_str().unwrap().starts_with("2027-01-15T08:00:0"));
        assert_eq!(issued["expiresAt"], "2027-01-15T09:00:00+00:00");
        let code = issued["code"].as_str().unwrap();
        assert!(code.starts_with("fg_pr_"), "{code}");
        for actor in [&bob, &elsewhere] {
            assert_eq!(actor.gql("{ me { id } }").await.status, 401, "a session is valid after the reset");
        }
        assert_eq!(
            login(server, "bob", PASSWORD).await.codes(),
            ["INVALID_CREDENTIALS"],
            "the old password no longer works"
        );

        let done = reset(&anonymous, code, NEW_PASSWORD).await.ok();
        assert_eq!(done.at("/data/resetPassword/user"), &json!({ "id": bob.id, "username": "bob" }));
        login(server, "bob", NEW_PASSWORD).await.ok();
        assert_eq!(reset(&anonymous, code, "a cold night on the hill").await.codes(), ["INVALID_CREDENTIALS"]);
        login(server, "bob", NEW_PASSWORD).await.ok();
        let events = "SELECT kind FROM security_events WHERE kind LIKE 'password-%'";
        assert_eq!(column(server, events).await, ["password-reset", "password-reset-issued"]);
    })
    .await;
}

#[on_each_database]
async fn reset_shows_an_anonymous_caller_only_public_fields() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let code = code(&ada, &bob.id).await;
        let document =
            "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { user { email roles { name } } } }";
        let input = json!({ "input": { "code": code, "newPassword": NEW_PASSWORD } });
        let answer = server.anonymous().gql_with(document, input).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"; 2]);
        assert_eq!(answer.at("/data/resetPassword/user"), &json!({ "email": null, "roles": null }));
        login(server, "bob", NEW_PASSWORD).await.ok();
    })
    .await;
}

#[on_each_database]
async fn invalid_reset_codes_have_identical_answers_for_every_reason() {
    each(async |server| {
        let (ada, anonymous) = (server.admin().await, server.anonymous());
        let [bob, ann, eve, joe, sue] = ["bob", "ann", "eve", "joe", "sue"];
        let mut ids = Vec::new();
        for name in [bob, ann, eve, joe, sue] {
            ids.push(server.user(name).await.id);
        }
        let replaced = code(&ada, &ids[0]).await;
        let good = code(&ada, &ids[0]).await;
        let disabled = code(&ada, &ids[1]).await;
        run(&ada, &format!("disableUser(input: {{ userId: \"{}\" }})", ids[1])).await;
        let demoted = code(&ada, &ids[2]).await;
        run(&ada, &format!("setUserRoles(input: {{ userId: \"{}\", roles: [\"admin\"] }})", ids[2])).await;
        let unusable = code(&ada, &ids[3]).await;
        let gone = code(&ada, &ids[4]).await;
        let connection = Connection::connect(&server.database.url).await.unwrap();
        connection.execute_unprepared("DELETE FROM accounts WHERE username = 'sue'").await.unwrap();
        connection.close().await.unwrap();
        let [never, short] = [format!("fg_pr_{}", "A".repeat(43)), "fg_pr_".to_owned()];
        let endless = "x".repeat(10_000);
        let unlike = good.to_uppercase();
        let first = reset(&anonymous, "", NEW_PASSWORD).await;
        assert_eq!(first.codes(), ["INVALID_CREDENTIALS"]);
        for code in [&replaced, &disabled, &demoted, &gone, &never, &short, &endless, &unlike] {
            let refused = reset(&anonymous, code, NEW_PASSWORD).await;
            assert_eq!((refused.status, &refused.text), (first.status, &first.text), "{code:.50}");
        }
        run(&ada, &format!("enableUser(input: {{ userId: \"{}\" }})", ids[1])).await;
        assert_eq!(
            reset(&anonymous, &disabled, NEW_PASSWORD).await.text,
            first.text,
            "enabling the account does not restore the code"
        );

        server.app.accounts().clock.advance(TimeDelta::hours(1) - TimeDelta::milliseconds(1));
        reset(&anonymous, &good, NEW_PASSWORD).await.ok();
        server.app.accounts().clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(reset(&anonymous, &unusable, NEW_PASSWORD).await.text, first.text, "the code expires after an hour");
        assert_eq!(
            column(server, "SELECT a.username FROM password_resets r JOIN accounts a ON a.id = r.account_id").await,
            [joe]
        );
    })
    .await;
}

#[on_each_database]
async fn reset_code_stays_valid_after_a_rejected_password() {
    each(async |server| {
        let (ada, anonymous, bob) = (server.admin().await, server.anonymous(), server.user("bob.builder").await);
        let code = code(&ada, &bob.id).await;
        for weak in ["", "short", "passwordpassword", "bob.builder12"] {
            let refused = reset(&anonymous, &code, weak).await;
            assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{weak}");
            assert_eq!(refused.at("/errors/0/extensions/field"), "newPassword", "{weak}");
        }
        let wrong = format!("fg_pr_{}", "A".repeat(43));
        let refused = reset(&anonymous, &wrong, NEW_PASSWORD).await;
        assert_eq!(refused.codes(), ["INVALID_CREDENTIALS"]);
        for weak in ["", "short", "passwordpassword"] {
            assert_eq!(
                reset(&anonymous, &wrong, weak).await.text,
                refused.text,
                "`{weak}` is not checked without a valid code"
            );
        }
        reset(&anonymous, &code, NEW_PASSWORD).await.ok();
    })
    .await;
}

#[on_each_database]
async fn concurrent_uses_of_one_reset_code_succeed_once() {
    each(async |server| {
        let (ada, anonymous, bob) = (server.admin().await, server.anonymous(), server.user("bob").await);
        for round in 0..5 {
            let code = code(&ada.login("ada").await, &bob.id).await;
            let passwords: Vec<_> = (0..8).map(|n| format!("{NEW_PASSWORD} {round} {n}")).collect();
            let answers = join_all(passwords.iter().map(|password| reset(&anonymous, &code, password))).await;
            let succeeded: Vec<_> = (0..8).filter(|n| answers[*n].codes().is_empty()).collect();
            assert_eq!(succeeded.len(), 1, "{answers:#?}");
            assert!(
                answers.iter().all(|answer| answer.codes().is_empty() || answer.codes() == ["INVALID_CREDENTIALS"])
            );
            for (n, password) in passwords.iter().enumerate() {
                server.app.accounts().clock.advance(TimeDelta::seconds(20));
                assert_eq!(login(server, "bob", password).await.codes().is_empty(), succeeded == [n]);
            }
        }
    })
    .await;
}

#[on_each_database]
async fn issuing_a_reset_code_requires_every_permission_of_the_user() {
    each(async |server| {
        let (ada, bob, ann) = (server.admin().await, server.user("bob").await, server.user("ann").await);
        assert_eq!(issue(&server.anonymous(), &ann.id).await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(issue(&bob, &ann.id).await.codes(), ["FORBIDDEN"]);
        assert_eq!(issue(&bob, &bob.id).await.codes(), ["FORBIDDEN"]);
        assert_eq!(issue(&ada, &ada.id).await.codes(), ["FORBIDDEN"], "callers can't reset their own password");
        let sam = crate::admin::support(server, &ada).await;
        create_helper_role(server).await;
        assert_eq!(
            issue(&sam, &ada.id).await.codes(),
            ["FORBIDDEN"],
            "only administrators can reset an administrator's password"
        );
        code(&sam, &bob.id).await;
        for unknown in ["01890000-0000-7000-8000-000000000000", "nonsense", ""] {
            let refused = issue(&ada, unknown).await;
            assert_eq!(
                (refused.codes(), refused.at("/data")),
                (vec!["NOT_FOUND"], &json!({ "issuePasswordReset": null }))
            );
        }
        // A caller who resets a user's password can act as that user. Here sam would gain a permission that sam lacks.
        code(&sam, &ann.id).await;
        let of_support = "SELECT id FROM roles WHERE name = 'support'";
        let grant = format!("INSERT INTO role_permissions (role_id, permission) VALUES (({of_support}), 'roles:read')");
        crate::admin::execute(server, &grant).await;
        run(&ada, &format!("setUserRoles(input: {{ userId: \"{}\", roles: [\"support\"] }})", ann.id)).await;
        run(&ada, &format!("setUserRoles(input: {{ userId: \"{}\", roles: [\"helper\"] }})", sam.id)).await;
        assert_eq!(issue(&sam, &ann.id).await.codes(), ["FORBIDDEN"]);
        code(&sam, &bob.id).await;
        ada.gql("{ me { id } }").await.ok();
    })
    .await;
}

#[on_each_database]
async fn password_and_email_changes_are_security_events() {
    each(async |server| {
        let bob = server.user("bob").await;
        change_password(&bob, PASSWORD, NEW_PASSWORD).await.ok();
        let kinds = "SELECT kind FROM security_events WHERE kind = 'password-changed' AND session_id IS NOT NULL";
        assert_eq!(column(server, kinds).await.len(), 1);
        let email = async |value: Value| {
            let document = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }";
            bob.gql_with(document, json!({ "input": { "email": value } })).await.ok();
        };
        let changes =
            async || column(server, "SELECT kind FROM security_events WHERE kind = 'email-changed'").await.len();
        email(json!("bob@example.org")).await;
        assert_eq!(changes().await, 1);
        email(json!("bob@example.org")).await;
        assert_eq!(changes().await, 1, "an unchanged address is no event");
        email(json!(null)).await;
        assert_eq!(changes().await, 2);
    })
    .await;
}

#[tokio::test]
async fn reset_codes_are_not_stored_in_plain_text() {
    let server = Server::start().await;
    let (ada, bob) = (server.admin().await, server.user("bob").await);
    let code = code(&ada, &bob.id).await;
    for entry in std::fs::read_dir(server.database.directory.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let secret = &code.as_bytes()[6..];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "the code is stored in plain text");
    }
}
