//! Assigns roles to users. [`administrators`](crate::administrators) tells whether an administrator is left.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::dialect::Dialect;
use crate::{
    Error, Tx,
    entity::{account_role, role},
};
use fieldguard_domain::{id::UserId, role::RoleName};

/// Sets the roles of the user to `names`. Returns the names of unknown roles; if there are any, nothing is changed.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
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

/// Assigns the role with this name to the user, if they do not hold it. Returns whether the role exists.
///
/// # Errors
///
/// If the user does not exist, or the database fails.
pub async fn give(tx: &Tx, user: UserId, name: &RoleName) -> Result<bool, Error> {
    let named = role::Entity::find().filter(role::Column::Name.eq(name.as_str()));
    let Some(role) = named.one(tx.connection()).await? else { return Ok(false) };
    // The database resolves the conflict: another transaction may assign the same role at the same time.
    let sql = "INSERT INTO account_roles (account_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let insert = tx.kind().statement(sql, [user.uuid().into(), role.id.into()]);
    tx.connection().execute_raw(insert).await?;
    Ok(true)
}
