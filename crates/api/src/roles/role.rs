//! `Role`: a named set of permissions.

use async_graphql::{Context, ID, Object};
use fieldguard_domain as domain;
use fieldguard_domain::{
    permission::{Catalogue, ROLES_READ},
    role::{ADMIN, USER, effective_permissions},
};
use fieldguard_guard::guarded;

use crate::{roles::permission::Permission, services::accounts};

/// A named set of permissions, given to accounts.
pub struct Role(domain::role::Role);

impl From<domain::role::Role> for Role {
    fn from(role: domain::role::Role) -> Self {
        Self(role)
    }
}

/// A named set of permissions, given to accounts.
#[guarded]
#[Object]
impl Role {
    /// Names the role for good, while its name can change.
    #[public]
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name, as it is given to accounts.
    #[public]
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// What the role is for.
    #[public]
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What the role permits, itself or by a role that it includes, by name. The role `admin` permits everything.
    #[requires(permission = ROLES_READ)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        let catalogue = &accounts(ctx).catalogue;
        Some(listed(&effective_permissions(std::slice::from_ref(&self.0), catalogue), catalogue))
    }

    /// The permissions given to the role itself, by name, as `createRole` and `updateRole` set them.
    #[requires(permission = ROLES_READ)]
    async fn own_permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        Some(listed(&self.0.permissions, &accounts(ctx).catalogue))
    }

    /// The roles that the role includes directly, by name. Whoever holds it has all that they permit, and passes where one of them is required.
    #[requires(permission = ROLES_READ)]
    async fn includes(&self) -> Option<Vec<Role>> {
        Some(self.0.includes.iter().map(|role| Self((**role).clone())).collect())
    }

    /// Whether accounts that hold the role, directly or by a role that includes it, are touched only by those who hold as much as they do. `admin` is always so.
    #[requires(permission = ROLES_READ)]
    async fn is_protected(&self) -> Option<bool> {
        Some(self.0.is_protected || self.0.is_admin())
    }

    /// Whether the role is part of the server: `admin` cannot be changed, `user` can be neither renamed nor deleted.
    #[requires(permission = ROLES_READ)]
    async fn is_built_in(&self) -> Option<bool> {
        Some([ADMIN, USER].contains(&self.0.name.as_str()))
    }
}

fn listed<'a>(names: impl IntoIterator<Item = &'a String>, catalogue: &Catalogue) -> Vec<Permission> {
    names.into_iter().filter_map(|name| catalogue.find(name)).map(Permission::from).collect()
}
