//! `User.can`: exactly what the mutations let the caller do to the account.

use serde_json::{Value, json};

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

/// Does it, with as little effect as may be.
async fn act(actor: &Actor, action: &str, user: &Actor, roles: &[&str]) -> Answer {
    let of = |mutation: &str| format!("mutation ($id: ID!) {{ {mutation}(userId: $id) {{ __typename }} }}");
    let id = json!({ "id": user.id });
    match action {
        "DISABLE" => actor.gql_with(&of("disableUser"), id).await,
        "ENABLE" => actor.gql_with(&of("enableUser"), id).await,
        "RESET_PASSWORD" => actor.gql_with(&of("issuePasswordReset"), id).await,
        "SET_ROLES" => set_roles(actor, &user.id, roles).await,
        "UPDATE" => {
            let document = "mutation ($id: ID!) { updateUser(input: { userId: $id }) { __typename } }";
            actor.gql_with(document, id).await
        }
        "UNLOCK" => actor.gql_with(&of("unlockUser"), id).await,
        "DELETE" => actor.gql_with(&of("deleteUser"), id).await,
        "RESTORE" => actor.gql_with(&of("restoreUser"), id).await,
        _ => actor.gql_with(&of("revokeUserSessions"), id).await,
    }
}

/// Gives the role `support` one more permission.
async fn permit(server: &Server, permission: &str) {
    let sql = format!(
        "INSERT INTO role_permissions (role_id, permission) SELECT id, '{permission}' FROM roles WHERE name = 'support'"
    );
    execute(server, &sql).await;
}

#[tokio::test]
async fn is_what_the_mutations_let_one_do() {
    each(async |server| {
        let ada = server.admin().await;
        let sam = support(server, &ada).await;
        permit(server, "sessions:revoke").await;
        let (bob, eve) = (server.user("bob").await, server.user("eve").await);
        set_roles(&ada, &eve.id, &["admin"]).await.ok();
        let sam = sam.login("sam").await;
        for (caller, target, roles) in [
            (&ada, "bob", &["user"][..]),
            (&sam, "bob", &["user"]),
            (&sam, "eve", &["admin"]),
            (&bob, "eve", &["admin"]),
            (&ada, "eve", &["admin"]),
        ] {
            let name = if target == "bob" { "bob" } else { "eve" };
            let mut told = Vec::new();
            if *caller.id != *bob.id {
                told = can(caller, if name == "bob" { &bob.id } else { &eve.id }).await;
            }
            for action in ACTIONS {
                let user = server.anonymous().login(name).await;
                let answer = act(caller, action, &user, roles).await;
                let may = !answer.codes().iter().any(|it| matches!(*it, "FORBIDDEN" | "NOT_FOUND"));
                assert_eq!(told.iter().any(|it| it == action), may, "{action} on {name}, told {told:?}: {answer:?}");
                if matches!(action, "DISABLE" | "RESET_PASSWORD") && may {
                    restore(server, &ada, &user).await;
                }
                if action == "DELETE" && may {
                    act(&ada, "RESTORE", &user, &[]).await.ok();
                }
            }
        }
    })
    .await;
}

/// Lets the account sign in again, with everyone's password.
async fn restore(server: &Server, ada: &Actor, user: &Actor) {
    act(ada, "ENABLE", user, &[]).await.ok();
    let document = "mutation ($id: ID!) { issuePasswordReset(userId: $id) { code } }";
    let code = ada.gql_with(document, json!({ "id": user.id })).await.ok().at("/data/issuePasswordReset/code").clone();
    let document = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { __typename } }";
    let input = json!({ "code": code, "newPassword": crate::actor::PASSWORD });
    server.anonymous().gql_with(document, json!({ "input": input })).await.ok();
}

#[tokio::test]
async fn is_told_of_oneself_of_many_and_to_nobody_who_is_not_signed_in() {
    each(async |server| {
        let (ada, bob) = (server.admin().await, server.user("bob").await);
        assert_eq!(can(&bob, &bob.id).await, [""; 0]);
        let own: Vec<_> = ACTIONS.into_iter().filter(|it| *it != "RESET_PASSWORD").collect();
        assert_eq!(can(&ada, &ada.id).await, own);
        let all = ada.gql("{ users { edges { node { id can } } } }").await.ok();
        for edge in all.at("/data/users/edges").as_array().unwrap() {
            let is_own = edge["node"]["id"] == Value::from(ada.id.clone());
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
