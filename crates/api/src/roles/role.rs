//! `Role`: a named set of permissions.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use fieldguard_domain as domain;
use fieldguard_domain::{
    permission::ROLES_READ,
    role::{ADMIN, USER, effective_permissions},
    role_set::RoleSet,
};
use fieldguard_guard::guarded;

use crate::{roles::permission::Permission, services::accounts};

/// A named set of permissions, which users are given.
pub struct Role {
    /// Shared by all users in a list who have the same roles.
    set: Arc<RoleSet>,
    place: usize,
}

impl Role {
    /// The roles of the set.
    pub(crate) fn all_of(set: &Arc<RoleSet>) -> Vec<Self> {
        (0..set.roles().len()).map(|place| Self { set: set.clone(), place }).collect()
    }

    fn model(&self) -> &domain::role::Role {
        &self.set.roles()[self.place]
    }
}

impl From<domain::role::Role> for Role {
    fn from(role: domain::role::Role) -> Self {
        Self { set: Arc::new(vec![role].into()), place: 0 }
    }
}

/// A named set of permissions, which users are given.
#[guarded]
#[Object]
impl Role {
    /// The unique and permanent identifier of the role.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.model().id.to_string())
    }

    /// The unique name, by which queries and mutations address the role. It can change.
    #[public]
    async fn name(&self) -> &str {
        self.model().name.as_str()
    }

    /// What the role is for.
    #[public]
    async fn description(&self) -> &str {
        &self.model().description
    }

    /// All permissions of the role, its own and those of the roles it includes, by name. The role `admin` has every permission.
    #[requires(permission = ROLES_READ)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        let catalogue = &accounts(ctx).catalogue;
        Some(Permission::listed(&effective_permissions(std::slice::from_ref(self.model()), catalogue), catalogue))
    }

    /// The role's own permissions, by name, as `createRole` and `updateRole` set them.
    #[requires(permission = ROLES_READ)]
    async fn own_permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        Some(Permission::listed(&self.model().permissions, &accounts(ctx).catalogue))
    }

    /// The roles that the role includes directly, by name. Users with this role have the permissions of these roles and meet rules that require one of them.
    #[requires(permission = ROLES_READ)]
    async fn includes(&self) -> Option<Vec<Role>> {
        Some(self.model().includes.iter().map(|role| Self::from((**role).clone())).collect())
    }

    /// Whether users with the role are protected: to change them, a caller needs every permission they have. Always true for `admin`.
    #[requires(permission = ROLES_READ)]
    async fn is_protected(&self) -> Option<bool> {
        Some(self.model().is_protected || self.model().is_admin())
    }

    /// Whether the role is built in: `admin` can't be updated, `user` can't be renamed, and neither can be deleted.
    #[requires(permission = ROLES_READ)]
    async fn is_built_in(&self) -> Option<bool> {
        Some([ADMIN, USER].contains(&self.model().name.as_str()))
    }
}
