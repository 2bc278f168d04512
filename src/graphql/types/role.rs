//! `Role`: a named set of permissions.

use async_graphql::{Context, ID, Object};

use super::permission::Permission;
use crate::{
    domain::{self, permission::ROLES_READ, role::effective_permissions},
    graphql::services::accounts,
    guarded,
};

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

    /// What the role permits, by name. The role `admin` permits everything.
    #[requires(permission = ROLES_READ)]
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<Permission>> {
        let catalogue = &accounts(ctx).catalogue;
        let names = effective_permissions(std::slice::from_ref(&self.0), catalogue);
        Some(names.iter().filter_map(|name| catalogue.find(name)).map(Permission::from).collect())
    }
}
