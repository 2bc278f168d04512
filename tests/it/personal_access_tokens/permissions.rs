//! What a personal access token may do. [`crate::walk`] requests every field with such a token.

use fieldguard::domain::permission::Permission;
use fieldguard_test_macros::on_each_database;
use serde_json::{Value, json};

use super::{create, is_accepted, list, script};
use crate::{
    actor::{Actor, PASSWORD},
    admin::{execute, set_roles, support},
    app::each,
    sessions,
};

#[on_each_database]
async fn token_acts_for_its_owner_within_its_permissions() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let reader = script(&ada, &["users:read"]).await;
        let answer = reader.gql("{ me { username email } users { edges { node { email } } } }").await.ok();
        assert_eq!(answer.at("/data/me/username"), "ada");
        for refused in ["{ roles { name } }", "{ admin { message } }"] {
            assert_eq!(reader.gql(refused).await.codes(), ["FORBIDDEN"], "{refused}");
        }
        let own = script(&bob, &[]).await;
        own.gql("{ me { email sessions { edges { node { id } } } personalAccessTokens { edges { node { id } } } } }")
            .await
            .ok();
        assert_eq!(own.gql("{ users { edges { node { id } } } }").await.codes(), ["FORBIDDEN"]);
        assert_eq!(list(&own).await[0]["isCurrent"], true);
        assert_eq!(list(&bob).await[0]["isCurrent"], false);

        let writer = script(&ada, &["users:write"]).await;
        let disable = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { id } } }";
        writer.gql_with(disable, json!({ "id": bob.id })).await.ok();
        let answer = writer.gql_with(disable, json!({ "id": ada.id })).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"], "a token has no role, so it can't change administrators");
    })
    .await;
}

/// Every mutation that changes the caller's account, sessions or tokens, and its requirement.
async fn account_changes(ada: &Actor, bob: &Actor) -> Vec<(String, Value)> {
    let token = create(ada, &[]).await.id;
    let session_id = sessions::login(ada, "ada").await.at("/data/it/session/id").clone();
    let (session, fresh) = (json!({ "session": true }), json!({ "fresh": true }));
    [
        (
            format!(
                "updatePassword(input: {{ currentPassword: \"{PASSWORD}\", newPassword: \"another one by far\" }})"
            ),
            &session,
        ),
        ("updateProfile(input: { username: \"eve\" })".to_owned(), &session),
        ("logoutEverywhere".to_owned(), &session),
        (format!("revokeSession(input: {{ sessionId: {session_id} }})"), &session),
        (format!("revokePersonalAccessToken(input: {{ personalAccessTokenId: \"{token}\" }})"), &session),
        (format!("reauthenticate(input: {{ password: \"{PASSWORD}\" }})"), &session),
        (format!("deleteAccount(input: {{ password: \"{PASSWORD}\" }})"), &fresh),
        ("createPersonalAccessToken(input: { name: \"more\", permissions: [] })".to_owned(), &fresh),
        (
            format!("issuePasswordReset(input: {{ userId: \"{}\" }})", bob.id),
            &json!({ "permission": "users:write", "fresh": true }),
        ),
    ]
    .map(|(call, requires)| (call, requires.clone()))
    .into()
}

#[on_each_database]
async fn token_cannot_change_its_owners_account() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let everything: Vec<_> = server.app.accounts().catalogue.iter().map(Permission::name).collect();
        let script = script(&ada, &everything).await;
        for (call, requires) in account_changes(&ada, &bob).await {
            let answer = script.gql(&format!("mutation {{ {call} {{ __typename }} }}")).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{call}");
            assert_eq!(answer.at("/errors/0/extensions/requires"), &requires, "{call}");
            let message = answer.at("/errors/0/message").as_str().unwrap();
            assert!(message.ends_with("requires a session: a personal access token is not enough."), "{message}");
        }
        let logout = script.gql("mutation { logout { sessionsRevoked } }").await;
        assert_eq!(logout.codes(), ["FORBIDDEN"]);
        assert_eq!(logout.at("/errors/0/extensions/requires"), &json!({ "session": true }));
        assert!(is_accepted(&ada).await && is_accepted(&script).await && list(&ada).await.len() == 2);
    })
    .await;
}

#[on_each_database]
async fn login_refresh_and_logout_work_with_a_token_in_the_header() {
    each(async |server| {
        let script = script(&server.user("bob").await, &[]).await;
        let login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { email } session { isCurrent } } }";
        let input = json!({ "input": { "username": "bob", "password": PASSWORD } });
        let answer = script.gql_with(login, input).await.ok();
        assert_eq!(answer.at("/data/login/session/isCurrent"), true);
        let input = json!({ "input": { "refreshToken": answer.at("/data/login/refreshToken") } });
        let refresh = "mutation ($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }";
        let answer = script.gql_with(refresh, input).await.ok();
        let input = json!({ "input": { "refreshToken": answer.at("/data/refresh/refreshToken") } });
        let logout = "mutation ($input: LogoutInput!) { logout(input: $input) { sessionsRevoked } }";
        assert_eq!(script.gql_with(logout, input).await.ok().at("/data/logout/sessionsRevoked"), 1);
        assert!(is_accepted(&script).await);
    })
    .await;
}

async fn may_read_users(actor: &Actor) -> bool {
    let answer = actor.gql("{ users(first: 1) { edges { node { id } } } }").await;
    assert!(answer.codes().is_empty() || answer.codes() == ["FORBIDDEN"], "{answer:#?}");
    answer.codes().is_empty()
}

#[on_each_database]
async fn token_loses_permissions_that_its_owner_loses() {
    each(async |server| {
        let ada = server.admin().await;
        let sam = support(server, &ada).await;
        let script = script(&sam, &["users:read"]).await;
        for _ in 0..2 {
            assert!(may_read_users(&script).await);
            set_roles(&ada, &sam.id, &["user"]).await.ok();
            assert!(!may_read_users(&script).await, "losing the role takes effect immediately");
            set_roles(&ada, &sam.id, &["support"]).await.ok();
        }
        set_roles(&ada, &sam.id, &["admin"]).await.ok();
        assert!(may_read_users(&script).await);
        let more = script.gql("{ roles { name } }").await;
        assert_eq!(more.codes(), ["FORBIDDEN"], "new permissions of the owner do not extend the token");
        set_roles(&ada, &sam.id, &["support"]).await.ok();
        execute(server, "DELETE FROM role_permissions WHERE permission = 'users:read'").await;
        super::advance(server, chrono::TimeDelta::seconds(1));
        assert!(!may_read_users(&script).await, "the role lost the permission");
    })
    .await;
}

async fn field_names(actor: &Actor, of: &str) -> Vec<String> {
    let document = format!("{{ __type(name: \"{of}\") {{ fields {{ name }} }} }}");
    let answer = actor.gql(&document).await.ok();
    let fields = answer.at("/data/__type/fields").as_array().cloned().unwrap_or_default();
    fields.iter().filter_map(|field| field["name"].as_str().map(str::to_owned)).collect()
}

#[on_each_database]
async fn introspection_shows_only_fields_the_token_may_use() {
    each(async |server| {
        let ada = server.admin().await;
        let script = script(&ada, &["users:read", "roles:read"]).await;
        let queries = field_names(&script, "Query").await;
        assert!(queries.contains(&"users".to_owned()) && !queries.contains(&"admin".to_owned()), "{queries:?}");
        let mutations = field_names(&script, "Mutation").await;
        assert!(mutations.contains(&"login".to_owned()), "{mutations:?}");
        for hidden in
            ["updatePassword", "createPersonalAccessToken", "deleteAccount", "setUserRoles", "issuePasswordReset"]
        {
            assert!(!mutations.contains(&hidden.to_owned()), "{hidden}");
            assert!(field_names(&ada, "Mutation").await.contains(&hidden.to_owned()), "{hidden}");
        }
        let view =
            json!({ "query": "{ __type(name: \"Query\") { fields { name } } }", "extensions": { "viewAs": "user" } });
        script.send(&view).await.ok();
        let blind = super::script(&ada, &["users:read"]).await.send(&view).await;
        assert_eq!(blind.codes(), ["FORBIDDEN"], "`viewAs` requires `roles:read`");
    })
    .await;
}

/// Mutations that change a user by `id`.
const TO_ACCOUNTS: [&str; 8] = [
    "updateUser(input: { userId: $id, username: \"eve\" })",
    "disableUser(input: { userId: $id })",
    "disableUsers(input: { userIds: [$id] })",
    "enableUser(input: { userId: $id })",
    "revokeUserSessions(input: { userId: $id })",
    "deleteUser(input: { userId: $id })",
    "restoreUser(input: { userId: $id })",
    "setUserRoles(input: { userId: $id, roles: [] })",
];

#[on_each_database]
async fn token_cannot_change_its_owner_through_user_mutations() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        let sam = support(server, &ada).await;
        for permission in ["users:delete", "sessions:revoke"] {
            let sql =
                format!("INSERT INTO role_permissions SELECT id, '{permission}' FROM roles WHERE name = 'support'");
            execute(server, &sql).await;
        }
        let sam = sam.login("sam").await;
        let script =
            script(&sam, &["users:read", "users:write", "users:delete", "sessions:revoke", "roles:assign"]).await;
        let can = "query ($id: ID!) { user(id: $id) { can } }";
        let answer = script.gql_with(can, json!({ "id": sam.id })).await.ok();
        assert_eq!(answer.at("/data/user/can"), &json!([]));
        for call in TO_ACCOUNTS {
            let document = format!("mutation ($id: ID!) {{ {call} {{ __typename }} }}");
            let answer = script.gql_with(&document, json!({ "id": sam.id })).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{call}");
            assert_eq!(answer.at("/errors/0/extensions/requires"), &json!({ "session": true }), "{call}");
            script.gql_with(&document, json!({ "id": bob.id })).await.ok();
        }
        let me = sam.gql("{ me { email state roles { name } } }").await.ok();
        let expected =
            json!({ "email": null, "state": "ACTIVE", "roles": [{ "name": "support" }, { "name": "user" }] });
        assert_eq!(me.at("/data/me"), &expected);
        assert!(is_accepted(&script).await);
    })
    .await;
}
