//! Creates, updates and deletes roles. Callers prevent a role from including itself, under the lock of
//! [`administrators`](crate::administrators), which serializes changes of roles.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::dialect::Dialect;
use crate::{
    Error, Tx,
    entity::{role, role_permission},
};
use fieldguard_domain::{id::RoleId, role::Role};

/// Adds a role.
///
/// # Errors
///
/// [`Error::Taken`] if another role has the name. The transaction cannot be used any more.
pub async fn insert(tx: &Tx, role: &Role) -> Result<(), Error> {
    role::Entity::insert(row(role)).exec_without_returning(tx.connection()).await?;
    put_contents(tx, role).await
}

/// Replaces the role: name, description, protection, permissions, and included roles.
///
/// # Errors
///
/// [`Error::Taken`] as in [`insert`].
pub async fn replace(tx: &Tx, role: &Role) -> Result<(), Error> {
    let named = role::Column::Id.eq(role.id.uuid());
    role::Entity::update_many().set(row(role)).filter(named).exec(tx.connection()).await?;
    let permissions = role_permission::Column::RoleId.eq(role.id.uuid());
    role_permission::Entity::delete_many().filter(permissions).exec(tx.connection()).await?;
    let includes = tx.kind().statement("DELETE FROM role_includes WHERE role_id = $1", [role.id.uuid().into()]);
    tx.connection().execute_raw(includes).await?;
    put_contents(tx, role).await
}

/// Deletes the role. It is removed from all users and roles.
///
/// # Errors
///
/// If the database fails.
pub async fn delete(tx: &Tx, role: RoleId) -> Result<(), Error> {
    role::Entity::delete_by_id(role.uuid()).exec(tx.connection()).await?;
    Ok(())
}

fn row(role: &Role) -> role::ActiveModel {
    role::ActiveModel {
        id: Set(role.id.uuid()),
        name: Set(role.name.as_str().to_owned()),
        description: Set(role.description.clone()),
        is_protected: Set(role.is_protected),
    }
}

async fn put_contents(tx: &Tx, role: &Role) -> Result<(), Error> {
    let id = role.id.uuid();
    for permission in &role.permissions {
        let sql = "INSERT INTO role_permissions (role_id, permission) VALUES ($1, $2)";
        tx.connection().execute_raw(tx.kind().statement(sql, [id.into(), permission.as_str().into()])).await?;
    }
    for included in &role.includes {
        let sql = "INSERT INTO role_includes (role_id, included_id) VALUES ($1, $2)";
        tx.connection().execute_raw(tx.kind().statement(sql, [id.into(), included.id.uuid().into()])).await?;
    }
    Ok(())
}
