//! Gives roles to accounts and takes them away. Whether an administrator is left is asked of
//! [`administrators`](crate::administrators).

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::dialect::Dialect;
use crate::{
    Error, Tx,
    entity::{account_role, role},
};
use fieldguard_domain::{id::UserId, role::RoleName};

/// Makes the roles of the account exactly those named. Answers the names no role has; if there are any, nothing is changed.
///
/// # Errors
///
/// Where the account is gone, or the database fails.
pub async fn assign(tx: &Tx, user: UserId, names: &[RoleName]) -> Result<Vec<RoleName>, Error> {
    let wanted = role::Entity::find().filter(role::Column::Name.is_in(names.iter().map(RoleName::as_str)));
    let known = wanted.all(tx.connection()).await?;
    let unknown: Vec<RoleName> =
        names.iter().filter(|name| known.iter().all(|role| role.name != name.as_str())).cloned().collect();
    if unknown.is_empty() {
        let held = account_role::Column::AccountId.eq(user.uuid());
        account_role::Entity::delete_many().filter(held).exec(tx.connection()).await?;
        for name in names {
            give(tx, user, name).await?;
        }
    }
    Ok(unknown)
}

/// Gives the account the role of that name, unless it holds it. Tells whether there is such a role.
///
/// # Errors
///
/// Where the account is gone, or the database fails.
pub async fn give(tx: &Tx, user: UserId, name: &RoleName) -> Result<bool, Error> {
    let named = role::Entity::find().filter(role::Column::Name.eq(name.as_str()));
    let Some(role) = named.one(tx.connection()).await? else { return Ok(false) };
    // Whether it is held already is decided by the database: another may give the same role at the same time.
    let sql = "INSERT INTO account_roles (account_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let insert = tx.kind().statement(sql, [user.uuid().into(), role.id.into()]);
    tx.connection().execute_raw(insert).await?;
    Ok(true)
}
