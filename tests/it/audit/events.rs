//! Which actions create an audit event, and what it contains.

use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::{assert_whole, audit_events, connect, number, only, request_id};
use crate::{
    actor::{Actor, PASSWORD},
    app::{Server, each, each_with},
};

async fn login(actor: &Actor, name: &str, password: &str) -> crate::actor::Answer {
    let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken session { id } } }";
    actor.gql_with(document, json!({ "input": { "username": name, "password": password } })).await
}

#[on_each_database]
async fn successful_and_failed_sign_ins_are_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let answer = login(&server.anonymous(), "bob", PASSWORD).await.ok();
        let found = audit_events(&ada, &format!("action: SIGN_IN, requestId: {}", request_id(&answer))).await;
        let row = only(&found);
        assert_eq!(row["actorId"], json!(bob.id));
        assert_eq!(row["targetId"], json!(bob.id));
        assert_eq!(&row["sessionId"], answer.at("/data/login/session/id"));
        assert_eq!(row["coordinates"], json!(["Mutation.login"]));
        assert_eq!(row["ipAddress"], json!("127.0.0.1"));
        assert_eq!(row["occurredAt"], json!("2027-01-15T08:00:00+00:00"));

        assert_eq!(login(&server.anonymous(), "bob", "no such password at all").await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        assert_eq!(login(&server.anonymous(), "nobody-here", PASSWORD).await.codes(), ["INVALID_CREDENTIALS"]);
        let failed = audit_events(&ada, "action: SIGN_IN_FAILED").await;
        let targets: Vec<_> = failed.iter().map(|event| event["targetId"].clone()).collect();
        assert_eq!(targets, [Value::Null, json!(bob.id)], "an unknown name is not recorded");
        assert!(failed.iter().all(|event| event["actorType"] == "ANONYMOUS" && event["actorId"].is_null()));
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn change_is_recorded_with_actor_target_and_state_before_and_after() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let change = "mutation ($id: ID!) { setUserRoles(input: { userId: $id, roles: [\"user\", \"admin\"] }) { user { id } } }";
        let answer = ada.gql_with(change, json!({ "id": bob.id })).await.ok();
        let found = audit_events(&ada, "action: USER_ROLES_SET").await;
        let row = only(&found);
        assert_eq!(row["actorId"], json!(ada.id));
        assert_eq!(row["targetId"], json!(bob.id));
        assert_eq!(row["targetType"], json!("USER"));
        assert_eq!(row["before"], json!({ "state": null, "roleNames": ["user"], "permissionNames": null }));
        assert_eq!(row["after"], json!({ "state": null, "roleNames": ["admin", "user"], "permissionNames": null }));
        assert_eq!(row["requestId"], request_id(&answer));
        assert!(row["sessionId"].is_string());

        for (mutation, action, before, after) in
            [("disableUser", "USER_DISABLED", "ACTIVE", "DISABLED"), ("enableUser", "USER_ENABLED", "DISABLED", "ACTIVE")]
        {
            let document = format!("mutation ($id: ID!) {{ {mutation}(input: {{ userId: $id }}) {{ user {{ id }} }} }}");
            ada.gql_with(&document, json!({ "id": bob.id })).await.ok();
            let found = audit_events(&ada, &format!("action: {action}")).await;
            let row = only(&found);
            assert_eq!((&row["before"]["state"], &row["after"]["state"]), (&json!(before), &json!(after)));
            assert_eq!(row["coordinates"], json!([format!("Mutation.{mutation}")]));
        }
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn changes_to_the_own_account_are_recorded() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        bob.gql("mutation { updateProfile(input: { email: \"bob@example.org\" }) { user { id } } }").await.ok();
        let document = "mutation ($input: UpdatePasswordInput!) { updatePassword(input: $input) { user { id } } }";
        let wrong =
            json!({ "input": { "currentPassword": "quite another one", "newPassword": "a stone in the shoe" } });
        assert_eq!(bob.gql_with(document, wrong).await.codes(), ["INVALID_CREDENTIALS"]);
        server.wait_out_a_failure();
        let right = json!({ "input": { "currentPassword": PASSWORD, "newPassword": PASSWORD.to_owned() + "bank" } });
        bob.gql_with(document, right).await.ok();
        bob.gql("mutation { logoutEverywhere(input: { keepCurrent: true }) { sessionsRevoked } }").await.ok();
        bob.gql("mutation { logout { session { id } } }").await.ok();
        let found = audit_events(&ada, &format!("actorId: \"{}\"", bob.id)).await;
        let actions: Vec<_> = found.iter().rev().map(|event| event["action"].as_str().unwrap()).collect();
        assert_eq!(
            actions,
            [
                "USER_REGISTERED",
                "SIGN_IN",
                "USER_UPDATED",
                "REAUTHENTICATION_FAILED",
                "PASSWORD_CHANGED",
                "SESSIONS_REVOKED",
                "SESSION_REVOKED"
            ]
        );
        let updated = found.iter().find(|event| event["action"] == "USER_UPDATED").unwrap();
        assert_eq!(updated["reason"], json!("email"), "the changed field is recorded without its value");
    })
    .await;
}

#[on_each_database]
async fn rolled_back_change_is_not_recorded() {
    each(async |server| {
        let ada = server.admin().await;
        let before = number(&connect(server).await, "SELECT count(*) FROM audit_events").await;
        let document = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", ada.id);
        assert_eq!(ada.gql(&document).await.codes(), ["CONFLICT"], "`ada` is the last administrator");
        let taken =
            "mutation { register(input: { username: \"ADA\", password: \"a long walk by the sea\" }) { user { id } } }";
        assert_eq!(server.anonymous().gql(taken).await.codes(), ["CONFLICT"]);
        assert_eq!(number(&connect(server).await, "SELECT count(*) FROM audit_events").await, before);
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn change_that_cannot_be_recorded_is_not_made() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let database = connect(server).await;
        database.execute_unprepared("DELETE FROM audit_head").await.unwrap();
        let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id);
        assert_eq!(ada.gql(&disable).await.codes(), ["INTERNAL_SERVER_ERROR"]);
        let read = format!("{{ user(id: \"{}\") {{ username state }} }}", bob.id);
        let answer = ada.gql(&read).await;
        assert_eq!((answer.status.as_u16(), answer.codes()), (503, vec!["SERVICE_UNAVAILABLE"]));
        assert!(!answer.text.contains("ACTIVE"), "the answer has no data");
        let own = bob.gql("{ me { state } }").await.ok();
        assert_eq!(own.at("/data/me/state"), &json!("ACTIVE"), "`bob` is not disabled, and own reads are not recorded");
    })
    .await;
}

/// Every audit event as text.
async fn dump(server: &Server) -> String {
    let database = connect(server).await;
    let columns = "CAST(sequence AS TEXT), action, actor, coalesce(actor_id,''), coalesce(session_id,''), \
                   coalesce(token_id,''), coalesce(target_type,''), coalesce(target_id,''), coordinates, \
                   coalesce(request_id,''), coalesce(ip_address,''), coalesce(state_before,''), \
                   coalesce(state_after,''), coalesce(reason,''), previous, hash"
        .replace(", ", " || '|' || ")
        .replace(",''", ", ''");
    let sql = format!("SELECT {columns} AS line FROM audit_events");
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap() + "\n").collect()
}

#[on_each_database]
async fn audit_log_contains_no_name_email_address_or_secret() {
    each_with(|_| {}, async |server| {
        let ada = server.admin().await;
        let register = "mutation { register(input: { username: \"Zebulon\", email: \"zebulon@example.org\", password: \"a-quiet-harbor-at-dusk\" }) { accessToken refreshToken user { id } } }";
        let answer = server.anonymous().gql(register).await.ok();
        let text = |pointer: &str| answer.at(pointer).as_str().unwrap().to_owned();
        let (token, refresh, id) =
            (text("/data/register/accessToken"), text("/data/register/refreshToken"), text("/data/register/user/id"));
        let zebulon = server.anonymous().bearing(&token);
        login(&server.anonymous(), "Zebulon", "a-wrong-harbor-at-dusk").await;
        server.wait_out_a_failure();
        zebulon.gql("mutation { updateProfile(input: { username: \"Yevgenia\", email: \"yevgenia@example.org\" }) { user { email } } }").await.ok();
        zebulon.gql("mutation { updatePassword(input: { currentPassword: \"a-quiet-harbor-at-dusk\", newPassword: \"a-loud-harbor-at-dawn\" }) { user { id } } }").await.ok();
        server.anonymous().gql(&format!("mutation {{ refresh(input: {{ refreshToken: \"{refresh}\" }}) {{ accessToken }} }}")).await.ok();
        ada.gql("{ users { edges { node { username email state roles { name } sessions { edges { node { ipAddress } } } } } } }").await.ok();
        zebulon.gql(&format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", ada.id)).await;
        zebulon.gql("mutation { disableUser(input: { userId: \"zebulon@example.org\" }) { user { id } } }").await;
        let issue = format!("mutation {{ issuePasswordReset(input: {{ userId: \"{id}\" }}) {{ code }} }}");
        let code = ada.gql(&issue).await.ok().at("/data/issuePasswordReset/code").as_str().unwrap().to_owned();
        server.anonymous().gql(&format!("mutation {{ resetPassword(input: {{ code: \"{code}\", newPassword: \"a-third-harbor-at-noon\" }}) {{ user {{ id }} }} }}")).await.ok();
        let again = login(&server.anonymous(), "Yevgenia", "a-third-harbor-at-noon").await.ok();
        let zebulon = server.anonymous().bearing(again.at("/data/login/accessToken").as_str().unwrap());
        zebulon.gql("mutation { deleteAccount(input: { password: \"a-third-harbor-at-noon\" }) { userId } }").await;
        let log = dump(server).await.to_lowercase();
        for secret in ["zebulon", "yevgenia", "example.org", "harbor", "argon2", "fg_rt", "walker", &refresh, &token, &code, "ada|"] {
            assert!(!log.contains(&secret.to_lowercase()), "`{secret}` is in the audit log:\n{log}");
        }
        assert!(log.contains("user-deleted") && log.contains(&id), "the user's id stays");
        assert_whole(server).await;
    })
    .await;
}

#[on_each_database]
async fn refresh_token_reuse_is_recorded() {
    each(async |server| {
        let ada = server.admin().await;
        let document = "mutation { register(input: { username: \"bob\", password: \"a long walk by the sea\" }) { refreshToken session { id } } }";
        let answer = server.anonymous().gql(document).await.ok();
        let mut token = answer.at("/data/register/refreshToken").as_str().unwrap().to_owned();
        let stolen = token.clone();
        let refresh = async |token: &str| {
            let document = format!("mutation {{ refresh(input: {{ refreshToken: \"{token}\" }}) {{ refreshToken }} }}");
            server.anonymous().gql(&document).await
        };
        for _ in 0..2 {
            refresh(&token).await.ok().at("/data/refresh/refreshToken").as_str().unwrap().clone_into(&mut token);
            server.app.accounts().clock.advance(chrono::TimeDelta::minutes(1));
        }
        assert_eq!(refresh(&stolen).await.codes(), ["INVALID_REFRESH_TOKEN"]);
        let found = audit_events(&ada.login("ada").await, "action: REFRESH_TOKEN_REUSED").await;
        assert_eq!(&only(&found)["targetId"], answer.at("/data/register/session/id"));
        assert_eq!(only(&found)["coordinates"], json!(["Mutation.refresh"]));
    })
    .await;
}
