//! Roles as data: who makes, changes, deletes and gives them, what comes with them, and whom they protect.

mod access;
mod escalation;
mod inclusion;
mod lifecycle;
mod protection;
mod races;

use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer},
    admin::set_roles,
    app::Server,
};

const ROLE: &str = "role { id name description isProtected isBuiltIn includes { name } permissions { name } \
                    ownPermissions { name } } sessionsAffected effectiveAt";

pub async fn create(actor: &Actor, input: Value) -> Answer {
    let document = format!("mutation ($input: CreateRoleInput!) {{ createRole(input: $input) {{ {ROLE} }} }}");
    actor.gql_with(&document, json!({ "input": input })).await
}

/// Changes the role of that id as the rest of the input says.
pub async fn update(actor: &Actor, role: &str, change: Value) -> Answer {
    let document = format!("mutation ($input: UpdateRoleInput!) {{ updateRole(input: $input) {{ {ROLE} }} }}");
    let mut input = change;
    input["roleId"] = json!(role);
    actor.gql_with(&document, json!({ "input": input })).await
}

async fn delete(actor: &Actor, role: &str) -> Answer {
    let document = "mutation ($id: ID!) { deleteRole(roleId: $id) { roleId sessionsAffected effectiveAt } }";
    actor.gql_with(document, json!({ "id": role })).await
}

/// The id of a role that was made as the input says.
pub async fn made(actor: &Actor, input: Value) -> String {
    create(actor, input).await.ok().at("/data/createRole/role/id").as_str().unwrap().to_owned()
}

/// Somebody who holds these roles, signed in.
pub async fn holder(server: &Server, admin: &Actor, name: &str, roles: &[&str]) -> Actor {
    let actor = server.user(name).await;
    set_roles(admin, &actor.id, roles).await.ok();
    actor
}

/// The id of the role of that name.
pub async fn id_of(admin: &Actor, name: &str) -> String {
    let answer = admin.gql("{ roles { id name } }").await.ok();
    let roles = answer.at("/data/roles").as_array().unwrap();
    roles.iter().find(|it| it["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

/// All that can be known of roles and of who holds them.
async fn everything(admin: &Actor) -> Value {
    let document = "{ roles { id name description isProtected includes { name } permissions { name } ownPermissions { name } } \
                    users(first: 100) { edges { node { id state roles { name } } } } }";
    admin.gql(document).await.ok().json
}

async fn own_permissions(actor: &Actor) -> Value {
    actor.gql("{ me { permissions } }").await.ok().at("/data/me/permissions").clone()
}
