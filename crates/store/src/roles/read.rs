//! Reads roles with their permissions and all included roles in one round trip, as lists of JSON that
//! [`assemble`](super::assemble) combines.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{assemble::assemble, closure};
use crate::dialect::Dialect;
use crate::{Cause, Error, Reader, dialect::placeholders};
use fieldguard_domain::{
    id::{RoleId, UserId},
    overview::DatabaseType,
    role::{Role, RoleName},
    role_set::RoleSet,
};

#[derive(FromQueryResult)]
struct Answer {
    wanted: String,
    roles: String,
}

/// A role, and as JSON the places of those for whom it was read.
#[derive(Deserialize)]
struct WantedRow(Uuid, String);

/// All roles, sorted by name.
///
/// # Errors
///
/// If the database fails.
pub async fn list(reader: &impl Reader) -> Result<Vec<Role>, Error> {
    Ok(read(reader, "SELECT 0, id FROM roles", Vec::new()).await?.0)
}

/// The role, if it exists.
///
/// # Errors
///
/// If the database fails.
pub async fn find(reader: &impl Reader, role: RoleId) -> Result<Option<Role>, Error> {
    Ok(read(reader, "SELECT 0, id FROM roles WHERE id = $1", vec![role.uuid().into()]).await?.0.pop())
}

/// The roles with these names, sorted by name.
///
/// # Errors
///
/// If the database fails.
pub async fn named(reader: &impl Reader, names: &[RoleName]) -> Result<Vec<Role>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let which = format!("SELECT 0, id FROM roles WHERE name IN ({})", placeholders(1, names.len()));
    let values = names.iter().map(|name| name.as_str().into()).collect();
    Ok(read(reader, &which, values).await?.0)
}

/// The roles assigned to each user. Users with the same roles share them. Users without roles, and unknown users, are left
/// out.
///
/// # Errors
///
/// If the database fails.
pub async fn of_users(reader: &impl Reader, users: &[UserId]) -> Result<HashMap<UserId, Arc<RoleSet>>, Error> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    // One value for all users, and each of them is looked up once.
    let which = match reader.kind() {
        DatabaseType::Sqlite => {
            "SELECT e.key, a.role_id FROM json_each($1) e JOIN account_roles a ON a.account_id = unhex(e.value)"
        }
        DatabaseType::Postgres => {
            "SELECT e.place - 1, a.role_id FROM json_array_elements_text(CAST(CAST($1 AS text) AS json)) \
             WITH ORDINALITY AS e(id, place) JOIN account_roles a ON a.account_id = CAST(e.id AS uuid)"
        }
    };
    let ids: Vec<_> = users.iter().map(|user| user.uuid().simple()).collect();
    let ids = serde_json::to_string(&ids).map_err(|_| Cause::unreadable())?;
    let (roles, places) = read(reader, which, vec![ids.into()]).await?;
    Ok(share(&roles, &places, users))
}

/// The set of roles of each user who has any. `places` has for each role the places of its holders among `users`.
fn share(roles: &[Role], places: &[Vec<usize>], users: &[UserId]) -> HashMap<UserId, Arc<RoleSet>> {
    let mut held = vec![Vec::new(); users.len()];
    for (role, places) in places.iter().enumerate() {
        for place in places {
            held[*place].push(role);
        }
    }
    let mut sets = HashMap::<Vec<usize>, Arc<RoleSet>>::new();
    let set = |held: &Vec<usize>| Arc::new(held.iter().map(|role| roles[*role].clone()).collect::<Vec<_>>().into());
    let of_each = users.iter().zip(held).filter(|(_, held)| !held.is_empty());
    of_each.map(|(user, held)| (*user, sets.entry(held).or_insert_with_key(set).clone())).collect()
}

/// The roles assigned to the user, sorted by name.
///
/// # Errors
///
/// If the database fails.
pub async fn of_user(reader: &impl Reader, user: UserId) -> Result<Vec<Role>, Error> {
    Ok(of_users(reader, &[user]).await?.remove(&user).map(|set| set.roles().to_vec()).unwrap_or_default())
}

/// The roles that `which` selects, sorted by name, each with the places that `which` selects it for. A row of `which` is
/// a place and the identifier of a role.
async fn read(reader: &impl Reader, which: &str, values: Vec<Value>) -> Result<(Vec<Role>, Vec<Vec<usize>>), Error> {
    let kind = reader.kind();
    let [id, other] = ["id", "included_id"].map(|column| kind.json_uuid(column));
    let permissions = format!("(SELECT {} FROM role_permissions WHERE role_id = h.id)", kind.json_text("permission"));
    let includes = format!("(SELECT {} FROM role_includes WHERE role_id = h.id)", kind.json_text(&other));
    // SQLite returns Booleans as numbers, and JSON keeps them.
    let is_protected = "CASE WHEN r.is_protected THEN 1 ELSE 0 END";
    let columns = [&kind.json_uuid("r.id"), "r.name", "r.description", is_protected, &permissions, &includes];
    let sql = format!(
        "WITH RECURSIVE held(place, id) AS MATERIALIZED ({which}), {} \
         SELECT (SELECT {} FROM (SELECT id, {} AS places FROM held GROUP BY id) AS wanted) AS wanted, \
         (SELECT {} FROM reached h LEFT JOIN roles r ON r.id = h.id) AS roles",
        closure::included_by("SELECT id FROM held"),
        kind.json_list(&kind.json_row(&[&id, "places"])),
        kind.json_text("place"),
        kind.json_list(&kind.json_row(&columns)),
    );
    let statement = kind.statement(sql, values);
    let answer = Answer::find_by_statement(statement).one(reader.connection()).await?.ok_or_else(Cause::unreadable)?;
    let mut places = HashMap::new();
    for WantedRow(role, of) in parse(&answer.wanted)? {
        places.insert(role, parse(&of)?);
    }
    let roles = assemble(parse(&answer.roles)?, &places.keys().copied().collect::<Vec<_>>())?;
    let places = roles.iter().map(|role| places.remove(&role.id.uuid()).unwrap_or_default()).collect();
    Ok((roles, places))
}

pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Result<Vec<T>, Error> {
    serde_json::from_str(json).map_err(|_| Cause::unreadable())
}
