//! `User.can`: exactly what the mutations let the caller do to the account.

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
    actions.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
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

/// Does the state of the account leave nothing for the action to do?
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

/// Gives the role `support` one more permission.
async fn permit(server: &Server, permission: &str) {
    let sql = format!(
        "INSERT INTO role_permissions (role_id, permission) SELECT id, '{permission}' FROM roles WHERE name = 'support'"
    );
    execute(server, &sql).await;
}

#[on_each_database]
async fn is_what_the_mutations_let_one_do() {
    each(async |server| {
        let ada = server.admin().await;
        let sam = support(server, &ada).await;
        permit(server, "sessions:revoke").await;
        permit(server, "users:delete").await;
        let (bob, eve) = (server.user("bob").await, server.user("eve").await);
        set_roles(&ada, &eve.id, &["admin"]).await.ok();
        let sam = sam.login("sam").await;
        for (caller, name, roles) in [
            // Before somebody resets his password, which ends his session.
            (&bob, "eve", &["admin"][..]),
            (&ada, "bob", &["user"]),
            (&sam, "bob", &["user"]),
            (&sam, "eve", &["admin"]),
            (&ada, "eve", &["admin"]),
        ] {
            let user = if name == "bob" { &bob } else { &eve };
            // Whoever may not see an account is told nothing of it.
            let is_seen = caller.id != bob.id;
            for action in ACTIONS {
                let told = if is_seen { Box::pin(can(caller, &user.id)).await } else { Vec::new() };
                if is_seen && Box::pin(is_idle(&ada, action, &user.id)).await {
                    assert!(!told.iter().any(|it| it == action), "{action} on {name}, told {told:?}");
                    continue;
                }
                let answer = Box::pin(act(caller, action, user, roles)).await;
                let may = !answer.codes().iter().any(|it| matches!(*it, "FORBIDDEN" | "UNAUTHENTICATED"));
                assert_eq!(told.iter().any(|it| it == action), may, "{action} on {name}, told {told:?}: {answer:?}");
            }
        }
    })
    .await;
}

#[on_each_database]
async fn is_told_of_oneself_of_many_and_to_nobody_who_is_not_signed_in() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        assert!(can(&bob, &bob.id).await.is_empty(), "what one does to oneself are other mutations");
        let own = ["UPDATE", "SET_ROLES", "REVOKE_SESSIONS"];
        assert_eq!(can(&ada, &ada.id).await, own, "the last administrator stays");
        let all = ada.gql("{ users { edges { node { id can } } } }").await.ok();
        for edge in all.at("/data/users/edges").as_array().unwrap() {
            let is_own = edge["node"]["id"] == ada.id;
            assert_eq!(edge["node"]["can"].as_array().unwrap().len(), if is_own { 3 } else { 7 }, "{edge}");
        }
        let eve = crate::admin::administrator(server, "eve").await;
        assert_eq!(can(&ada, &ada.id).await, ["UPDATE", "DISABLE", "SET_ROLES", "REVOKE_SESSIONS", "DELETE"]);
        crate::admin::disable(&ada, &eve.id).await.ok();
        assert_eq!(can(&ada, &ada.id).await, own, "one who is disabled administers nothing");
        let document = "mutation ($input: LoginInput!) { login(input: $input) { user { id can } } }";
        for (name, of_oneself) in [("bob", &[][..]), ("ada", &own)] {
            let input = json!({ "input": { "username": name, "password": crate::actor::PASSWORD } });
            for caller in [&server.anonymous(), &bob] {
                let answer = caller.gql_with(document, input.clone()).await.ok();
                assert_eq!(answer.at("/data/login/user/can"), &json!(of_oneself), "of the user who signed in");
            }
        }
        let refused = "mutation { resetPassword(input: { code: \"x\", newPassword: \"x\" }) { user { can } } }";
        assert!(!server.anonymous().gql(refused).await.codes().contains(&"UNAUTHENTICATED"));
        // What asks for a fresh session is among it, whether or not the session is.
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(6));
        let of_others: Vec<_> = ACTIONS.into_iter().filter(|it| !matches!(*it, "ENABLE" | "RESTORE")).collect();
        assert_eq!(can(&ada, &bob.id).await, of_others);
    })
    .await;
}
