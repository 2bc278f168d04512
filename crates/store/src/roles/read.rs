//! Reads roles with their permissions and all included roles in one round trip, as lists of JSON that
//! [`assemble`](super::assemble) combines.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{assemble::assemble, closure};
use crate::dialect::Dialect;
use crate::{Cause, Error, Reader, dialect::placeholders};
use fieldguard_domain::{
    id::{RoleId, UserId},
    role::{Role, RoleName},
    role_set::RoleSet,
};

#[derive(FromQueryResult)]
struct Answer {
    wanted: String,
    roles: String,
    holdings: String,
}

#[derive(Deserialize)]
struct HoldingRow(Uuid, Uuid);

/// All roles, sorted by name.
///
/// # Errors
///
/// If the database fails.
pub async fn list(reader: &impl Reader) -> Result<Vec<Role>, Error> {
    Ok(read(reader, "SELECT id FROM roles", "FALSE", Vec::new()).await?.0)
}

/// The role, if it exists.
///
/// # Errors
///
/// If the database fails.
pub async fn find(reader: &impl Reader, role: RoleId) -> Result<Option<Role>, Error> {
    Ok(read(reader, "SELECT id FROM roles WHERE id = $1", "FALSE", vec![role.uuid().into()]).await?.0.pop())
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
    let which = format!("SELECT id FROM roles WHERE name IN ({})", placeholders(1, names.len()));
    let values = names.iter().map(|name| name.as_str().into()).collect();
    Ok(read(reader, &which, "FALSE", values).await?.0)
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
    let held = format!("account_id IN ({})", placeholders(1, users.len()));
    let which = format!("SELECT role_id FROM account_roles WHERE {held}");
    let values = users.iter().map(|user| user.uuid().into()).collect();
    let (roles, holdings) = read(reader, &which, &held, values).await?;
    let places: HashMap<_, _> = roles.iter().enumerate().map(|(place, role)| (role.id.uuid(), place)).collect();
    let mut held = HashMap::<UserId, BTreeSet<usize>>::new();
    for HoldingRow(user, role) in holdings {
        held.entry(user.into()).or_default().extend(places.get(&role));
    }
    let mut sets = HashMap::<_, Arc<RoleSet>>::new();
    let set = |places: &BTreeSet<usize>| {
        let roles: Vec<_> = places.iter().map(|place| roles[*place].clone()).collect();
        Arc::new(roles.into())
    };
    Ok(held.into_iter().map(|(user, places)| (user, sets.entry(places).or_insert_with_key(set).clone())).collect())
}

/// The roles assigned to the user, sorted by name.
///
/// # Errors
///
/// If the database fails.
pub async fn of_user(reader: &impl Reader, user: UserId) -> Result<Vec<Role>, Error> {
    Ok(of_users(reader, &[user]).await?.remove(&user).map(|set| set.roles().to_vec()).unwrap_or_default())
}

/// The roles whose identifiers `which` selects, sorted by name, and the assignments that match `held`.
async fn read(
    reader: &impl Reader,
    which: &str,
    held: &str,
    values: Vec<Value>,
) -> Result<(Vec<Role>, Vec<HoldingRow>), Error> {
    let kind = reader.kind();
    let [id, role, other, account] =
        ["id", "role_id", "included_id", "account_id"].map(|column| kind.json_uuid(column));
    let permissions = format!("(SELECT {} FROM role_permissions WHERE role_id = h.id)", kind.json_text("permission"));
    let includes = format!("(SELECT {} FROM role_includes WHERE role_id = h.id)", kind.json_text(&other));
    // SQLite returns Booleans as numbers, and JSON keeps them.
    let is_protected = "CASE WHEN r.is_protected THEN 1 ELSE 0 END";
    let columns = [&kind.json_uuid("r.id"), "r.name", "r.description", is_protected, &permissions, &includes];
    let sql = format!(
        "SELECT (SELECT {} FROM roles WHERE id IN ({which})) AS wanted, \
         ({} SELECT {} FROM reached h LEFT JOIN roles r ON r.id = h.id) AS roles, \
         (SELECT {} FROM account_roles WHERE {held}) AS holdings",
        kind.json_list(&id),
        closure::included_by(which),
        kind.json_list(&kind.json_row(&columns)),
        kind.json_list(&kind.json_row(&[&account, &role])),
    );
    let statement = kind.statement(sql, values);
    let answer = Answer::find_by_statement(statement).one(reader.connection()).await?.ok_or_else(Cause::unreadable)?;
    let roles = assemble(parse(&answer.roles)?, &parse::<Uuid>(&answer.wanted)?)?;
    Ok((roles, parse(&answer.holdings)?))
}

pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Result<Vec<T>, Error> {
    serde_json::from_str(json).map_err(|_| Cause::unreadable())
}
