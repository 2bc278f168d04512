//! Roles with their permissions, in one round trip: three flat lists of JSON, put together here.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    domain::{
        id::{RoleId, UserId},
        role::{Role, RoleName},
    },
    store::{Cause, Error, Reader, Store, dialect::placeholders},
};

#[derive(FromQueryResult)]
struct Answer {
    roles: String,
    permissions: String,
    holdings: String,
}

#[derive(Deserialize)]
struct RoleRow(Uuid, String, String);
#[derive(Deserialize)]
struct PermissionRow(Uuid, String);
#[derive(Deserialize)]
struct HoldingRow(Uuid, Uuid);

/// Every role, by name.
///
/// # Errors
///
/// Where the database fails.
pub async fn list(store: &Store) -> Result<Vec<Role>, Error> {
    Ok(read(store, "SELECT id FROM roles", "FALSE", Vec::new()).await?.0)
}

/// The role, where there is one.
///
/// # Errors
///
/// Where the database fails.
pub async fn find(store: &Store, role: RoleId) -> Result<Option<Role>, Error> {
    Ok(read(store, "$1", "FALSE", vec![role.uuid().into()]).await?.0.pop())
}

/// The roles each of the accounts holds, by name. Accounts that hold none, or do not exist, are left out.
///
/// # Errors
///
/// Where the database fails.
pub async fn of_users(reader: &impl Reader, users: &[UserId]) -> Result<HashMap<UserId, Vec<Role>>, Error> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let held = format!("account_id IN ({})", placeholders(1, users.len()));
    let which = format!("SELECT role_id FROM account_roles WHERE {held}");
    let values = users.iter().map(|user| user.uuid().into()).collect();
    let (roles, holdings) = read(reader, &which, &held, values).await?;
    let mut answer: HashMap<UserId, Vec<Role>> = HashMap::new();
    // Roles outside, so that each account's come by name too.
    for role in &roles {
        for HoldingRow(user, _) in holdings.iter().filter(|it| it.1 == role.id.uuid()) {
            answer.entry((*user).into()).or_default().push(role.clone());
        }
    }
    Ok(answer)
}

/// The roles the account holds, by name.
///
/// # Errors
///
/// Where the database fails.
pub async fn of_user(reader: &impl Reader, user: UserId) -> Result<Vec<Role>, Error> {
    Ok(of_users(reader, &[user]).await?.remove(&user).unwrap_or_default())
}

/// The roles whose identifier is in `which`, by name, and who holds which as far as `held` says.
async fn read(
    reader: &impl Reader,
    which: &str,
    held: &str,
    values: Vec<Value>,
) -> Result<(Vec<Role>, Vec<HoldingRow>), Error> {
    let kind = reader.kind();
    let (id, role, account) = (kind.json_uuid("id"), kind.json_uuid("role_id"), kind.json_uuid("account_id"));
    let sql = format!(
        "SELECT (SELECT {} FROM roles WHERE id IN ({which})) AS roles, \
         (SELECT {} FROM role_permissions WHERE role_id IN ({which})) AS permissions, \
         (SELECT {} FROM account_roles WHERE {held}) AS holdings",
        kind.json_list(&kind.json_row(&[&id, "name", "description"])),
        kind.json_list(&kind.json_row(&[&role, "permission"])),
        kind.json_list(&kind.json_row(&[&account, &role])),
    );
    let statement = kind.statement(sql, values);
    let answer = Answer::find_by_statement(statement).one(reader.connection()).await?.ok_or_else(Cause::unreadable)?;
    Ok((assemble(parse(&answer.roles)?, parse(&answer.permissions)?), parse(&answer.holdings)?))
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<Vec<T>, Error> {
    serde_json::from_str(json).map_err(|_| Cause::unreadable())
}

fn assemble(roles: Vec<RoleRow>, permissions: Vec<PermissionRow>) -> Vec<Role> {
    let mut permitted: HashMap<Uuid, Vec<String>> = HashMap::new();
    for PermissionRow(role, permission) in permissions {
        permitted.entry(role).or_default().push(permission);
    }
    let mut roles: Vec<Role> = roles
        .into_iter()
        .map(|RoleRow(id, name, description)| {
            let mut permissions = permitted.remove(&id).unwrap_or_default();
            permissions.sort_unstable();
            Role { id: id.into(), name: RoleName::from_stored(name), description, permissions }
        })
        .collect();
    roles.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    roles
}
