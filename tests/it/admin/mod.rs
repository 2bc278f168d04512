//! Administration: reading users and roles, and changing them.

mod bulk;
mod concurrent_removal;
mod create_user;
mod delete_user;
pub mod desk;
mod disable_user;
mod import_users;
mod last_administrator;
mod overview;
mod roles;
pub mod scan;
mod set_users_roles;
mod unlock_user;
mod update_user;
mod users;
mod users_filter;

use fieldguard::accounts::{change_users::UserChange, register::Registration, set_user_roles::RoleAssignment};
use sea_orm::{ConnectionTrait, Database as Connection};
use serde_json::{Value, json};

use crate::{
    actor::{Actor, Answer, PASSWORD},
    app::Server,
};

pub async fn set_roles(actor: &Actor, user: &str, roles: &[&str]) -> Answer {
    let document = "mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { user { roles { name } } } }";
    actor.gql_with(document, json!({ "input": { "userId": user, "roles": roles } })).await
}

/// The change that sets exactly these roles.
pub fn to_roles(names: &[String]) -> UserChange {
    UserChange::SetRoles(RoleAssignment::exactly(names).unwrap())
}

pub async fn disable(actor: &Actor, user: &str) -> Answer {
    let document = "mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { state } } }";
    actor.gql_with(document, json!({ "id": user })).await
}

pub async fn enable(actor: &Actor, user: &str) -> Answer {
    let document = "mutation ($id: ID!) { enableUser(input: { userId: $id }) { user { state } } }";
    actor.gql_with(document, json!({ "id": user })).await
}

/// Creates another administrator, and signs in.
pub async fn administrator(server: &Server, name: &str) -> Actor {
    let registration = Registration { username: name.to_owned(), email: None, password: PASSWORD.to_owned() };
    server.app.accounts().create_admin(registration).await.unwrap();
    server.anonymous().login(name).await
}

/// Runs SQL on the server's database directly.
pub async fn execute(server: &Server, sql: &str) {
    let connection = Connection::connect(&server.database.url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Creates `sam`, who may read and disable users and assign roles, and is no administrator.
pub async fn support(server: &Server, admin: &Actor) -> Actor {
    let id = if server.database.url.starts_with("sqlite") {
        "X'01890000000070008000000000000055'"
    } else {
        "'01890000-0000-7000-8000-000000000055'"
    };
    execute(server, &format!("INSERT INTO roles (id, name, description) VALUES ({id}, 'support', 'Helps people.')"))
        .await;
    for permission in ["users:read", "users:write", "roles:assign"] {
        let sql = format!("INSERT INTO role_permissions (role_id, permission) VALUES ({id}, '{permission}')");
        execute(server, &sql).await;
    }
    let sam = server.user("sam").await;
    let answer = set_roles(admin, &sam.id, &["support", "user"]).await.ok();
    let expected = json!([{ "name": "support" }, { "name": "user" }]);
    assert_eq!(answer.at("/data/setUserRoles/user/roles"), &expected);
    sam
}

async fn me(actor: &Actor) -> Value {
    actor.gql("{ me { state roles { name } } }").await.ok().at("/data/me").clone()
}
