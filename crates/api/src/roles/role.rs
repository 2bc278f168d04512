//! `Role`: a named set of permissions.

use async_graphql::{Context, ID, Object};
use fieldguard_domain as domain;
use fieldguard_domain::{
    permission::ROLES_READ,
    role::{ADMIN, USER, effective_permissions},
};
use fieldguard_guard::guarded;

use crate::{roles::permission::Permission, services::accounts};

/// A named set of permissions, which users are given.
pub struct Role(domain::role::Role);

impl From<domain::role::Role> for Role {
    fn from(role: domain::role::Role) -> Self {
        Self(role)
    }
}

/// A named set of permissions, which users are given.
#[guarded]
#[Object]
impl Role {
    /// The unique and permanent identifier of the role.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The unique name, by which queries and mutations address the role. It can change.
    #[public]
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// What the role is for.
    #[public]
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// All permissions of the role, its own and those of the roles it includes, by name. The role `admin` has every permission.
    #[requires(permission = ROLES_READ)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        let catalogue = &accounts(ctx).catalogue;
        Some(Permission::listed(&effective_permissions(std::slice::from_ref(&self.0), catalogue), catalogue))
    }

    /// The role's own permissions, by name, as `createRole` and `updateRole` set them.
    #[requires(permission = ROLES_READ)]
    async fn own_permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        Some(Permission::listed(&self.0.permissions, &accounts(ctx).catalogue))
    }

    /// The roles that the role includes directly, by name. Users with this role have the permissions of these roles and meet rules that require one of them.
    #[requires(permission = ROLES_READ)]
    async fn includes(&self) -> Option<Vec<Role>> {
        Some(self.0.includes.iter().map(|role| Self((**role).clone())).collect())
    }

    /// Whether users with the role are protected: to change them, a caller needs every permission they have. Always true for `admin`.
    #[requires(permission = ROLES_READ)]
    async fn is_protected(&self) -> Option<bool> {
        Some(self.0.is_protected || self.0.is_admin())
    }

    /// Whether the role is built in: `admin` can't be updated, `user` can't be renamed, and neither can be deleted.
    #[requires(permission = ROLES_READ)]
    async fn is_built_in(&self) -> Option<bool> {
        Some([ADMIN, USER].contains(&self.0.name.as_str()))
    }
}
