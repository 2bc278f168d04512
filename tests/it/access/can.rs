//! `User.can`: the mutations that the caller may run on the user.

use fieldguard_test_macros::on_each_database;
use serde_json::json;

use crate::{
    actor::{Actor, Answer},
    admin::{execute, set_roles, support},
    app::{Server, each},
};

const ACTIONS: [&str; 9] =
    ["UPDATE", "DISABLE", "ENABLE", "UNLOCK", "RESET_PASSWORD", "SET_ROLES", "REVOKE_SESSIONS", "DELETE", "RESTORE"];

async fn can(actor: &Actor, user: &str) -> Vec<String> {
    let answer =
        actor.gql_with("query ($id: ID!) { node(id: $id) { ... on User { can } } }", json!({ "id": user })).await;
    let actions = answer.ok().at("/data/node/can").clone();
    actions.as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned()).collect()
}

async fn act(actor: &Actor, action: &str, user: &Actor, roles: &[&str]) -> Answer {
    let mutation = match action {
        "UPDATE" => {
            let document = "mutation ($id: ID!) { updateUser(input: { userId: $id }) { __typename } }";
            return actor.gql_with(document, json!({ "id": user.id })).await;
        }
        "SET_ROLES" => return set_roles(actor, &user.id, roles).await,
        "DISABLE" => "disableUser",
        "ENABLE" => "enableUser",
        "UNLOCK" => "unlockUser",
        "RESET_PASSWORD" => "issuePasswordReset",
        "REVOKE_SESSIONS" => "revokeUserSessions",
        "DELETE" => "deleteUser",
        _ => "restoreUser",
    };
    let document = format!("mutation ($id: ID!) {{ {mutation}(input: {{ userId: $id }}) {{ __typename }} }}");
    actor.gql_with(&document, json!({ "id": user.id })).await
}

/// Whether the state of the user leaves nothing for the action to do.
async fn is_idle(admin: &Actor, action: &str, user: &str) -> bool {
    let answer = admin.gql_with("query ($id: ID!) { user(id: $id) { state } }", json!({ "id": user })).await.ok();
    match (action, answer.at("/data/user/state").as_str().unwrap()) {
        ("ENABLE", state) => state != "DISABLED",
        ("RESTORE", state) => state != "DELETION_SCHEDULED",
        ("DISABLE", state) => state == "DISABLED",
        ("DELETE", state) => state == "DELETION_SCHEDULED",
        _ => false,
    }
}

/// Grants the role `support` one more permission.
async fn permit(server: &Server, permission: &str) {
    let sql = format!(
        "INSERT INTO role_permissions (role_id, permission) SELECT id, '{permission}' FROM roles WHERE name = 'support'"
    );
    execute(server, &sql).await;
}

#[on_each_database]
async fn can_lists_exactly_the_mutations_the_caller_may_run() {
    each(async |server| {
        let ada = server.admin().await;
        let sam = support(server, &ada).await;
        permit(server, "sessions:revoke").await;
        permit(server, "users:delete").await;
        let (bob, eve) = (server.user("bob").await, server.user("eve").await);
        set_roles(&ada, &eve.id, &["admin"]).await.ok();
        let sam = sam.login("sam").await;
        for (caller, name, roles) in [
            // Runs first: a password reset revokes the session of `bob`.
            (&bob, "eve", &["admin"][..]),
            (&ada, "bob", &["user"]),
            (&sam, "bob", &["user"]),
            (&sam, "eve", &["admin"]),
            (&ada, "eve", &["admin"]),
        ] {
            let user = if name == "bob" { &bob } else { &eve };
            // A caller who may not read a user gets no `can`.
            let is_seen = caller.id != bob.id;
            for action in ACTIONS {
                let allowed = if is_seen { Box::pin(can(caller, &user.id)).await } else { Vec::new() };
                if is_seen && Box::pin(is_idle(&ada, action, &user.id)).await {
                    assert!(!allowed.iter().any(|listed| listed == action), "{action} on {name}, can {allowed:?}");
                    continue;
                }
                let answer = Box::pin(act(caller, action, user, roles)).await;
                let may = !answer.codes().iter().any(|code| matches!(*code, "FORBIDDEN" | "UNAUTHENTICATED"));
                assert_eq!(
                    allowed.iter().any(|listed| listed == action),
                    may,
                    "{action} on {name}, can {allowed:?}: {answer:?}"
                );
            }
        }
    })
    .await;
}

#[on_each_database]
async fn can_covers_own_user_lists_and_login_payloads() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        assert!(can(&bob, &bob.id).await.is_empty(), "users change themselves with other mutations");
        let own = ["UPDATE", "SET_ROLES", "REVOKE_SESSIONS"];
        assert_eq!(can(&ada, &ada.id).await, own, "the last administrator cannot be removed");
        let all = ada.gql("{ users { edges { node { id can } } } }").await.ok();
        for edge in all.at("/data/users/edges").as_array().unwrap() {
            let is_own = edge["node"]["id"] == ada.id;
            assert_eq!(edge["node"]["can"].as_array().unwrap().len(), if is_own { 3 } else { 7 }, "{edge}");
        }
        let eve = crate::admin::administrator(server, "eve").await;
        assert_eq!(can(&ada, &ada.id).await, ["UPDATE", "DISABLE", "SET_ROLES", "REVOKE_SESSIONS", "DELETE"]);
        crate::admin::disable(&ada, &eve.id).await.ok();
        assert_eq!(can(&ada, &ada.id).await, own, "a disabled administrator does not count");
        let document = "mutation ($input: LoginInput!) { login(input: $input) { user { id can } } }";
        for (name, of_own_user) in [("bob", &[][..]), ("ada", &own)] {
            let input = json!({ "input": { "username": name, "password": crate::actor::PASSWORD } });
            for caller in [&server.anonymous(), &bob] {
                let answer = caller.gql_with(document, input.clone()).await.ok();
                assert_eq!(
                    answer.at("/data/login/user/can"),
                    &json!(of_own_user),
                    "the payload answers for the user who signed in"
                );
            }
        }
        let refused = "mutation { resetPassword(input: { code: \"x\", newPassword: \"x\" }) { user { can } } }";
        assert!(!server.anonymous().gql(refused).await.codes().contains(&"UNAUTHENTICATED"));
        // `can` includes actions that require a fresh session, whether or not the session is fresh.
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(6));
        let of_others: Vec<_> = ACTIONS.into_iter().filter(|action| !matches!(*action, "ENABLE" | "RESTORE")).collect();
        assert_eq!(can(&ada, &bob.id).await, of_others);
    })
    .await;
}
