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
    let document = format!("mutation ($id: ID!) {{ {mutation}(userId: $id) {{ __typename }} }}");
    actor.gql_with(&document, json!({ "id": user.id })).await
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
            let told = if caller.id == bob.id { Vec::new() } else { can(caller, &user.id).await };
            for action in ACTIONS {
                let answer = act(caller, action, user, roles).await;
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
        let own: Vec<_> = ACTIONS.into_iter().filter(|it| *it != "RESET_PASSWORD").collect();
        assert_eq!(can(&ada, &ada.id).await, own);
        let all = ada.gql("{ users { edges { node { id can } } } }").await.ok();
        for edge in all.at("/data/users/edges").as_array().unwrap() {
            let is_own = edge["node"]["id"] == ada.id;
            assert_eq!(edge["node"]["can"].as_array().unwrap().len(), if is_own { 8 } else { 9 }, "{edge}");
        }
        let document = "mutation ($input: LoginInput!) { login(input: $input) { user { id can } } }";
        let input = json!({ "input": { "username": "bob", "password": crate::actor::PASSWORD } });
        let answer = server.anonymous().gql_with(document, input).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(answer.at("/data/login/user/id"), &json!(bob.id));
        // What asks for a fresh session is among it, whether or not the session is.
        server.app.accounts().clock.advance(chrono::TimeDelta::minutes(6));
        assert_eq!(can(&ada, &bob.id).await, ACTIONS);
    })
    .await;
}
