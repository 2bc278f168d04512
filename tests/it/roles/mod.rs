//! Roles: lifecycle, inclusion, privilege escalation, protection, concurrency.

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
                    ownPermissions { name } } effectiveAt";

pub async fn create(actor: &Actor, input: Value) -> Answer {
    let document = format!("mutation ($input: CreateRoleInput!) {{ createRole(input: $input) {{ {ROLE} }} }}");
    actor.gql_with(&document, json!({ "input": input })).await
}

/// Updates the role with the name. `change` is the rest of the input.
pub async fn update(actor: &Actor, role: &str, change: Value) -> Answer {
    let document =
        format!("mutation ($input: UpdateRoleInput!) {{ updateRole(input: $input) {{ {ROLE} sessionsAffected }} }}");
    let mut input = change;
    input["role"] = json!(role);
    actor.gql_with(&document, json!({ "input": input })).await
}

async fn delete(actor: &Actor, role: &str) -> Answer {
    let document =
        "mutation ($role: String!) { deleteRole(input: { role: $role }) { roleId sessionsAffected effectiveAt } }";
    actor.gql_with(document, json!({ "role": role })).await
}

/// Creates the role and returns its name.
pub async fn made(actor: &Actor, input: Value) -> String {
    create(actor, input).await.ok().at("/data/createRole/role/name").as_str().unwrap().to_owned()
}

/// Creates a user with exactly these roles and signs in.
pub async fn holder(server: &Server, admin: &Actor, name: &str, roles: &[&str]) -> Actor {
    let actor = server.user(name).await;
    set_roles(admin, &actor.id, roles).await.ok();
    actor
}

/// Everything that an administrator can read about roles and their users.
async fn everything(admin: &Actor) -> Value {
    let document = "{ roles { id name description isProtected includes { name } permissions { name } ownPermissions { name } } \
                    users(first: 100) { edges { node { id state roles { name } } } } }";
    admin.gql(document).await.ok().json
}

async fn own_permissions(actor: &Actor) -> Value {
    let answer = actor.gql("{ me { permissions { name } } }").await.ok();
    answer.at("/data/me/permissions").as_array().unwrap().iter().map(|permission| permission["name"].clone()).collect()
}
